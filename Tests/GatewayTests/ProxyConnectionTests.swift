import Config
import Testing

@testable import Gateway

/// Connections to a listener with `proxy_protocol`: what `ClientConnection` and `Accept` make of the header.
@Suite struct ProxyConnectionTests {
  private static let line = "PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\n"

  private func rig(_ app: App? = nil, from network: String = "127.0.0.0", change: (inout Configuration) -> Void = { _ in }) throws -> Rig {
    let first = try #require(IPAddress(network))
    let proxies = [try #require(IPNetwork(first, prefix: 8))]
    return try Rig(
      apps: app.map { [$0.address] } ?? [],
      change: {
        $0.listeners[0].proxies = proxies
        change(&$0)
      })
  }

  @Test("the client that the header names is whose requests they are, in whatever pieces header and request come")
  func client() throws {
    let app = try App()
    let rig = try rig(app)
    defer { rig.stop() }
    for piece in [1, 7, 1000] {
      let client = try rig.connect()
      let bytes = [UInt8]((Self.line + request("GET", "/open/x", ["X-Forwarded-For: 6.6.6.6"])).utf8)
      for start in stride(from: 0, to: bytes.count, by: piece) { try client.send(Array(bytes[start..<min(bytes.count, start + piece)])) }
      let peer = try app.accept()
      #expect(try peer.message().all("X-Forwarded-For") == ["192.0.2.1"])
      try peer.send(answer("200 OK", ["Connection: close"]))
      peer.close()
      #expect(try client.message().status == 200)
    }
    rig.stop()
    #expect(rig.accessLines.count == 3 && rig.accessLines.allSatisfy { $0.contains(" 192.0.2.1 ") })
  }

  @Test(
    "a header without an address leaves the balancer's",
    arguments: [Array("PROXY UNKNOWN\r\n".utf8), ProxyHeaderTests.block(command: 0x20, family: 0, [])])
  func local(header: [UInt8]) throws {
    let app = try App()
    let rig = try rig(app)
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(header + Array(request("GET", "/open/x").utf8))
    #expect(try app.accept().message().all("X-Forwarded-For") == ["127.0.0.1"])
  }

  @Test(
    "without a correct header there is no answer, only the end, and a warning",
    arguments: ["GET /.anteroom/healthz HTTP/1.1\r\nHost: a\r\n\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\nGET /", "\r\n\r\n\0\r\nQUIX"])
  func malformed(text: String) throws {
    let rig = try rig()
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(text)
    // What was not read makes the end a reset.
    #expect(client.isOver)
    rig.stop()
    #expect(rig.accessLines.isEmpty && rig.eventLines.contains { $0.contains("without a PROXY header") })
  }

  @Test("one that breaks off is ended with a warning, one that says nothing without")
  func cut() throws {
    let rig = try rig()
    defer { rig.stop() }
    let silent = try rig.connect()
    silent.halfClose()
    #expect(try silent.toEnd().isEmpty)
    #expect(try rig.onLoop { $0.services.admission.all.count } == 0)
    let cut = try rig.connect()
    try cut.send("PROXY TC")
    cut.halfClose()
    #expect(try cut.toEnd().isEmpty)
    rig.stop()
    #expect(rig.eventLines.filter { $0.contains("without a PROXY header") }.count == 1)
  }

  @Test("a header has as long as a request's head")
  func slow() throws {
    let rig = try rig { $0.limits.headerTimeout = .milliseconds(50) }
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send("PROXY ")
    #expect(try client.toEnd().isEmpty)
  }

  @Test("who is not named in proxy_protocol is reset")
  func stranger() throws {
    let rig = try rig(from: "10.0.0.0")
    defer { rig.stop() }
    let client = try rig.connect()
    #expect(throws: (any Error).self) {
      try client.send(Self.line + request("GET", "/.anteroom/healthz"))
      while true { if try client.toEnd().isEmpty { break } }
      throw WireFault("an orderly end")
    }
    rig.stop()
    #expect(rig.eventLines.contains { $0.contains("not in proxy_protocol") })
  }

  @Test("connections count for the clients that the headers name, and not for the balancer")
  func counted() throws {
    let rig = try rig { $0.limits.connectionsPerAddress = 2 }
    defer { rig.stop() }
    func visit(_ address: String) throws -> Peer {
      let client = try rig.connect()
      try client.send("PROXY TCP4 \(address) 198.51.100.1 4711 443\r\n" + request("GET", "/.anteroom/healthz"))
      return client
    }
    let kept = try (1...3).flatMap { number in try [visit("192.0.2.\(number)"), visit("192.0.2.\(number)")] }
    for peer in kept { #expect(try peer.message().status == 200) }
    let third = try visit("192.0.2.1")
    #expect((try? third.message()) == nil)
    kept[0].close()
    try rig.until("the place is free") { $0.services.admission.all.count == 5 }
    #expect(try visit("192.0.2.1").message().status == 200)
    for peer in kept { peer.close() }
    try rig.until("all are gone") { $0.services.admission.addresses.addresses <= 1 }
  }

  @Test("the client that a header names may itself be a trusted proxy")
  func behind() throws {
    let app = try App()
    let trusted = [try #require(IPAddress("192.0.2.1").flatMap { IPNetwork($0, prefix: 32) })]
    let rig = try rig(app) { $0.trustedProxies = trusted }
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(Self.line + request("GET", "/open/x", ["X-Forwarded-For: 203.0.113.9"]))
    #expect(try app.accept().message().all("X-Forwarded-For") == ["203.0.113.9, 192.0.2.1"])
    // The balancer itself is none.
    let other = try rig.connect()
    try other.send("PROXY UNKNOWN\r\n" + request("GET", "/open/x", ["X-Forwarded-For: 203.0.113.9"]))
    #expect(try app.accept().message().all("X-Forwarded-For") == ["127.0.0.1"])
  }
}
