import Testing

@testable import Config

@Suite struct LimitsReaderTests {
  private func limits(_ lines: String) -> LoadedConfiguration { load(minimal(top: "limits { \(lines) }")) }

  @Test("every limit can be set")
  func all() {
    var expected = Limits()
    expected.headerBytes = 32 << 10
    expected.headerCount = 50
    expected.body = 1 << 30
    expected.headerTimeout = .seconds(1)
    expected.idleTimeout = .seconds(2)
    expected.upstreamTimeout = .seconds(180)
    expected.upstreamStallTimeout = .seconds(30)
    expected.tunnelTimeout = .seconds(7200)
    expected.connectTimeout = .milliseconds(250)
    expected.connections = 7
    expected.connectionsPerAddress = 20
    expected.bodyRate = 2048
    expected.sendRate = nil
    expected.rateGrace = .seconds(30)
    expected.handshakes = 11
    expected.upstreamIdle = 0
    expected.pendingLogins = 8
    expected.pendingReturns = 9
    expected.pendingChecks = 13
    expected.cachedChecks = 14
    expected.providerSessions = 12
    expected.heldForms = 0
    expected.throttleEntries = 100
    let text = """
      header_bytes 32k; header_count 50; body 1g; header_timeout 1s; idle_timeout 2s; upstream_timeout 3m; tunnel_timeout 2h; connect_timeout 250ms
      connections 7; connections_per_address 20; body_rate 2k; send_rate off; rate_grace 30s; handshakes 11; upstream_idle 0; upstream_stall_timeout 30s; pending_logins 8; pending_returns 9; pending_checks 13; cached_checks 14; provider_sessions 12; held_forms 0; throttle_entries 100
      """
    #expect(limits(text).configuration?.limits == expected)
    #expect(limits("").configuration?.limits == Limits())
  }

  @Test("the manual's defaults are the ones that hold")
  func defaults() {
    let lines = DirectiveTable.directives(in: .limits).compactMap { directive in directive.fallback.map { "\(directive.name) \($0)" } }
    #expect(lines.count == 23)
    #expect(limits(lines.joined(separator: "; ")).configuration?.limits == Limits())
  }

  @Test("the limits that may be turned off can be")
  func off() throws {
    let limits = try #require(limits("connections_per_address off; body_rate off; send_rate off").configuration?.limits)
    #expect(limits.connectionsPerAddress == nil && limits.bodyRate == nil && limits.sendRate == nil)
    #expect(messages(self.limits("connections off")).count == 1)
  }

  @Test("a site's limit of requests", arguments: [("off", nil), ("1", 1), ("1000000", 1_000_000)] as [(String, Int?)])
  func site(_ text: String, _ expected: Int?) throws {
    let loaded = load(minimal(site: "limits { requests \(text) }"))
    #expect(loaded.diagnostics.isEmpty)
    #expect(try #require(loaded.configuration?.sites.first).requests == expected)
  }

  @Test("a site's limit has bounds, and other limits do not belong there", arguments: ["requests 0", "requests 1000001", "body 1m"])
  func siteBounds(_ line: String) { #expect(messages(load(minimal(site: "limits { \(line) }"))).count == 1) }

  @Test(
    "limits have bounds",
    arguments: [
      "header_bytes 1023", "header_bytes 2m", "header_count 9", "header_count 10001", "body 0", "body 2000g", "header_timeout 0s",
      "header_timeout 11m", "idle_timeout 9ms",
      "idle_timeout 2d", "upstream_timeout 2d", "upstream_stall_timeout 9ms", "upstream_stall_timeout 2d", "connect_timeout 1h",
      "tunnel_timeout 9ms",
      "tunnel_timeout 8d", "connections 0", "connections 1000001", "upstream_idle 10001",
      "connections_per_address 0", "connections_per_address 1000001", "body_rate 0", "body_rate 2g", "send_rate 0", "send_rate 2g",
      "rate_grace 9ms", "rate_grace 2h",
      "pending_logins 0", "pending_returns 0", "provider_sessions 0", "provider_sessions 10000001",
      "held_forms 1025g", "throttle_entries 99", "throttle_entries 10000001",
    ])
  func bounds(_ line: String) {
    let found = messages(limits(line))
    #expect(found.count == 1)
    #expect(found.first?.contains("is out of range (from ") == true, "\(found)")
  }

  @Test(
    "forms of values are checked",
    arguments: [
      ("body ten", "is not a size"), ("connections 1k", "is not a number"), ("idle_timeout 60", "it needs a unit: `60s`"),
      ("body_rate none", "is not a size"), ("connections_per_address many", "is not a number"), ("bodys 1", "did you mean `body`?"),
    ])
  func forms(_ line: String, _ message: String) {
    #expect(messages(limits(line)).count == 1)
    #expect(messages(limits(line)).first?.contains(message) == true)
  }
}
