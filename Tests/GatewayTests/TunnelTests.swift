import Testing

@testable import Gateway

@Suite struct TunnelTests {
  static let upgrade = [
    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]
  static let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-App: 1\r\n\r\n"

  private func open(_ app: App, _ rig: Rig, answer: String = switching) throws -> (client: Peer, app: Peer) {
    let client = try rig.connect()
    try client.send(request("GET", "/app", Self.upgrade + ["Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer)
    return (client, peer)
  }

  @Test("after the app's 101 bytes go both ways, whatever they look like, and an end on one side is one on the other")
  func bothWays() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let (client, peer) = try open(app, rig)
    let head = try client.head()
    #expect(head.status == 101 && head["Upgrade"] == "websocket" && head["Connection"] == "Upgrade" && head["X-App"] == "1")
    try client.send(request("GET", "/open/x"))
    #expect(try peer.exactly(10) == [UInt8]("GET /open/".utf8))
    try peer.send("HTTP/1.1 200 OK\r\n")
    #expect(try client.exactly(17) == [UInt8]("HTTP/1.1 200 OK\r\n".utf8))
    client.halfClose()
    #expect(try peer.toEnd() == [UInt8]("x HTTP/1.1\r\nHost: app.test\r\n\r\n".utf8))
    try peer.send("last words")
    peer.close()
    #expect(try client.toEnd() == [UInt8]("last words".utf8))
    rig.stop()
    #expect(rig.accessLines.count == 1 && rig.accessLines[0].contains(" 101 ") && rig.accessLines[0].hasSuffix(" ok"))
  }

  @Test("an end behind what a slow client has not taken yet is passed on after it, and the client may go on")
  func endBehindBacklog() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connectNarrow()
    try client.send(request("GET", "/app", Self.upgrade + ["Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    // More than the client's socket takes: what comes behind it waits in the gateway.
    let padding = String(repeating: "x", count: 30_000)
    try peer.send(Self.switching.replacing("X-App: 1", with: "X-App: \(padding)") + "last words")
    peer.halfClose()
    try rig.until("waiting behind the head") { worker in
      worker.exchanges.contains { $0.responseRelay?.isFinished == true && $0.connection.map { $0.backlog > 0 } == true }
    }
    #expect(try client.head()["X-App"] == padding)
    #expect(try client.toEnd() == [UInt8]("last words".utf8))
    try client.send("and mine")
    #expect(try peer.exactly(8) == [UInt8]("and mine".utf8))
  }

  @Test("what comes together with the 101 is the tunnel's first data")
  func firstData() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let (client, _) = try open(app, rig, answer: Self.switching + "hello")
    _ = try client.head()
    #expect(try client.exactly(5) == [UInt8]("hello".utf8))
  }

  @Test(
    "a 101 to something else, or that nobody asked for, is no answer",
    arguments: ["Upgrade: h2c\r\n", "Upgrade: websocket\r\nUpgrade: h2c\r\n", "", "Upgrade: websocket, h2c\r\n"])
  func wrongProtocol(fields: String) throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let (client, peer) = try open(app, rig, answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\(fields)\r\n")
    #expect(try client.message().status == 502)
    #expect(try peer.toEnd().isEmpty)
  }

  @Test("a 101 to a request that asked for no upgrade is no answer")
  func unasked() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/x", Self.upgrade))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(Self.switching)
    #expect(try client.message().status == 502)
  }

  @Test("a tunnel on which nothing moves is closed in time")
  func idle() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: { $0.limits.tunnelTimeout = .milliseconds(50) })
    defer { rig.stop() }
    let (client, peer) = try open(app, rig)
    _ = try client.head()
    #expect(try client.toEnd().isEmpty)
    #expect(try peer.toEnd().isEmpty)
  }
}
