import Testing

@testable import Config

@Suite struct UpstreamSettingsReaderTests {
  private func upstream(_ block: String) -> LoadedConfiguration {
    load("listen 127.0.0.1:8080\nsite a.example.com {\nupstream http://app {\n\(block)\n}\nlogin password { users users.passwd }\n}")
  }

  private func settings(_ block: String) -> UpstreamSettings? {
    let loaded = upstream(block)
    #expect(loaded.diagnostics.isEmpty, "\(loaded.diagnostics)")
    return loaded.configuration?.sites.first?.upstreamSettings
  }

  @Test("without a block, and with an empty one, the defaults hold")
  func empty() {
    #expect(settings("") == UpstreamSettings())
    let defaults = UpstreamSettings()
    #expect(defaults.balance == .roundRobin && !defaults.isSticky && defaults.health == nil && defaults.maxConnections == nil)
    #expect(defaults.ejection == UpstreamSettings.Ejection(failures: 5, pause: .seconds(2)))
  }

  @Test("the manual's defaults are the ones that hold")
  func manual() {
    let lines = DirectiveTable.directives(in: .upstream).compactMap { directive in directive.fallback.map { "\(directive.name) \($0)" } }
    #expect(lines.count == 6)
    var expected = UpstreamSettings()
    expected.maxConnections = 7
    #expect(settings(lines.joined(separator: "; ") + "; max_connections 7") == expected)
  }

  @Test("everything can be set")
  func all() {
    var expected = UpstreamSettings()
    expected.balance = .leastConnections
    expected.isSticky = true
    expected.health = UpstreamSettings.HealthCheck(path: "/up?deep=1")
    expected.health?.every = .milliseconds(250)
    expected.health?.timeout = .seconds(1)
    expected.health?.fails = 1
    expected.health?.passes = 4
    expected.ejection = UpstreamSettings.Ejection(failures: 9, pause: .seconds(60))
    expected.slowStart = .zero
    expected.resolveEvery = .seconds(300)
    expected.maxConnections = 12
    expected.queue = UpstreamSettings.Queue(length: 3, wait: .milliseconds(500))
    let text = """
      balance least_connections; sticky session; health /up?deep=1 passes 4 fails 1 timeout 1s every 250ms
      eject after 9 for 1m; slow_start 0s; resolve every 5m; max_connections 12; queue 3 wait 500ms
      """
    #expect(settings(text) == expected)
  }

  @Test("what has a default may be left out")
  func partial() {
    #expect(settings("health /")?.health == UpstreamSettings.HealthCheck(path: "/"))
    #expect(settings("max_connections 1; queue 0")?.queue == UpstreamSettings.Queue(length: 0))
    #expect(settings("eject off")?.ejection == nil)
    #expect(settings("resolve off")?.resolveEvery == nil)
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("balance random", "write `round_robin` or `least_connections`"), ("sticky cookie", "write `session`"),
      ("health healthz", "begins with `/`"), ("health \"/a b\"", "percent-encode"), ("health /a#b", "percent-encode"),
      ("health /é", "percent-encode"), ("health / 5s", "write `health PATH [every DURATION]"), ("health / every", "write `health PATH"),
      ("health / every 5s every 6s", "write `health PATH"), ("health / every 5", "it needs a unit"),
      ("health / every 99ms", "out of range"), ("health / every 2h", "out of range"), ("health / timeout 9ms", "out of range"),
      ("health / timeout 11m", "out of range"), ("health / fails 0", "out of range"), ("health / fails 101", "out of range"),
      ("health / passes 0", "out of range"), ("health / passes 101", "out of range"),
      ("eject 5", "write `eject after NUMBER for DURATION|off`"), ("eject after 5 in 2s", "write `eject after"),
      ("eject after 0 for 2s", "out of range"), ("eject after 1001 for 2s", "out of range"), ("eject after 5 for 99ms", "out of range"),
      ("eject after 5 for 2h", "out of range"), ("slow_start 2h", "out of range"), ("slow_start off", "is not a duration"),
      ("resolve 30s", "write `resolve every DURATION|off`"), ("resolve every 500ms", "out of range"), ("resolve every 2d", "out of range"),
      ("max_connections 0", "out of range"), ("max_connections 1000001", "out of range"), ("queue 10", "add `max_connections NUMBER`"),
      ("max_connections 1; queue 100001", "out of range"), ("max_connections 1; queue 1 wait 9ms", "out of range"),
      ("max_connections 1; queue 1 wait 11m", "out of range"),
      ("max_connections 1; queue 1 for 1s", "write `queue NUMBER [wait DURATION]`"),
    ])
  func bad(_ block: String, _ mend: String) {
    let found = messages(upstream(block))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("gateway.conf:4:") == true && found.first?.contains(": error: ") == true, "\(found)")
    #expect(found.first?.contains(mend) == true, "\(found)")
  }

  private func secure(_ upstream: String) -> LoadedConfiguration {
    load(
      "listen 127.0.0.1:1\nsite a.test { upstream \(upstream); login password { users users.passwd } }",
      MemoryFiles([
        "/etc/anteroom/a.pem": .init("x"), "/etc/anteroom/a.key": .init("x"), "/etc/anteroom/open.key": .init("x", mode: 0o644),
      ]))
  }

  @Test("an https upstream is verified unless that is turned off")
  func tls() throws {
    let plain = try #require(secure("https://10.0.0.1 http://10.0.0.2").configuration?.sites.first)
    #expect(plain.upstreams == [UpstreamAddress(host: "10.0.0.1", port: 443, isSecure: true), UpstreamAddress(host: "10.0.0.2", port: 80)])
    #expect(plain.upstreamSettings.tls.verifies && plain.upstreamSettings.tls.authorities == nil)
    let full = try #require(
      secure("HTTPS://10.0.0.1:8443 { ca a.pem; server_name App.Internal; certificate a.pem a.key }").configuration?.sites.first)
    #expect(full.upstreams == [UpstreamAddress(host: "10.0.0.1", port: 8443, isSecure: true)])
    let tls = full.upstreamSettings.tls
    #expect(
      tls.authorities?.path == "/etc/anteroom/a.pem" && tls.serverName == "app.internal" && tls.certificate?.key == "/etc/anteroom/a.key")
    let off = secure("https://10.0.0.1 { verify off }")
    #expect(off.configuration?.sites.first?.upstreamSettings.tls.verifies == false)
    #expect(messages(off).first?.contains("warning: `verify off`: whoever answers in the app's place is believed") == true)
  }

  @Test(
    "what makes no sense is an error",
    arguments: [
      ("http://10.0.0.1 { ca a.pem }", "`ca` is about TLS, which no address here speaks"),
      ("https://10.0.0.1 { verify on }", "`off`"), ("https://10.0.0.1 { verify off; ca a.pem }", "`ca` beside `verify off`"),
      ("https://10.0.0.1 { ca b.pem }", "cannot be read"), ("https://10.0.0.1 { server_name \"a b\" }", "is not the name of a host"),
      ("https://10.0.0.1 { certificate a.pem open.key }", "every user of this machine may read the key open.key"),
    ])
  func tlsFaults(_ upstream: String, _ expected: String) {
    let loaded = secure(upstream)
    #expect(loaded.configuration == nil)
    #expect(messages(loaded).contains { $0.contains(expected) }, "\(messages(loaded))")
  }
}
