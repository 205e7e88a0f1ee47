import Config
import EventLoop
import Session
import Testing

@testable import Gateway

@Suite struct OpenStreamsTests {
  private let events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func socket(_ rig: Rig, _ app: App, cookie: String? = nil, _ fields: [String] = []) throws -> (client: Peer, app: Peer) {
    let client = try rig.connect()
    try client.send(request("GET", "/app", TunnelTests.upgrade + fields + ["Cookie: \(try cookie ?? rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(TunnelTests.switching)
    #expect(try client.head().status == 101)
    return (client, peer)
  }

  private func stream(_ rig: Rig, _ app: App, cookie: String? = nil, target: String = "/app") throws -> (client: Peer, app: Peer) {
    let client = try rig.connect()
    try client.send(request("GET", target, ["Accept: text/event-stream"] + (cookie.map { ["Cookie: \($0)"] } ?? [])))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(events + "3\r\none\r\n")
    #expect(try client.head().status == 200)
    #expect(try client.exactly(8) == Array("3\r\none\r\n".utf8))
    return (client, peer)
  }

  @Test("a logout ends the WebSockets and event streams of that session, and no other's")
  func logout() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let id = SessionID.random()
    let first = try socket(rig, app, cookie: rig.cookie(id: id))
    let second = try stream(rig, app, cookie: rig.cookie(id: id))
    let other = try socket(rig, app, cookie: rig.cookie(user: "bob"))
    try rig.until("they are looked at") { $0.streams.count == 3 }
    let now = System.wallMilliseconds() / 1000
    try rig.services.store.revoke(id, until: now + 3600, now: now)
    #expect(first.client.isOver && second.client.isOver && first.app.isOver && second.app.isOver)
    try other.client.send("still here")
    #expect(try other.app.exactly(10) == Array("still here".utf8))
    #expect(try rig.onLoop { $0.streams.count } == 1)
    rig.stop()
    #expect(rig.accessLines.filter { $0.hasSuffix(" session-ended") }.count == 2)
  }

  @Test("the end of a session's lifetime, and of its account, is theirs too")
  func otherEnds() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let now = System.wallMilliseconds() / 1000
    let short = try socket(rig, app, cookie: rig.cookie { $0.notAfter = now + 2 })
    #expect(short.client.isOver)
    let bob = try stream(rig, app, cookie: rig.cookie(user: "bob"))
    try rig.directory.write("users.passwd", Fixtures.accounts.split(separator: "\n")[0] + "\n")
    rig.settings.sites[0].accounts.refresh(events: rig.services.events)
    #expect(bob.client.isOver)
  }

  @Test("one that began before a reload ends when its account or its key is none any more, and not before")
  func reloaded() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let ann = try socket(rig, app)
    let bob = try stream(rig, app, cookie: rig.cookie(user: "bob"))
    try rig.directory.write("others.passwd", Fixtures.accounts.split(separator: "\n")[1] + "\n")
    let path = rig.directory.file("others.passwd")
    try rig.takeOver { $0.sites[0].changePassword { $0.users = path } }
    #expect(ann.client.isOver)
    try bob.app.send("3\r\ntwo\r\n")
    #expect(try bob.client.exactly(8) == Array("3\r\ntwo\r\n".utf8))
    try rig.takeOver(ring: KeyRing([Fixtures.key(2)])) { _ in }
    #expect(bob.client.isOver)
  }

  @Test("while nothing moves on them they have no buffers")
  func idleBuffers() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let (client, peer) = try socket(rig, app)
    try client.send("up")
    #expect(try peer.exactly(2) == Array("up".utf8))
    try peer.send("down")
    #expect(try client.exactly(4) == Array("down".utf8))
    let other = try stream(rig, app, cookie: rig.cookie(user: "bob"))
    let counts = try rig.onLoop { worker in
      worker.connections.values.flatMap { [$0.input.bytes.count, $0.exchange?.upstream?.input.bytes.count ?? -1] }
    }
    #expect(counts == [0, 0, 0, 0])
    // Until here.
    withExtendedLifetime((client, peer, other)) {}
  }

  @Test("what the site's configuration lets live on does, and so does what began without a session")
  func kept() throws {
    let app = try App()
    let rig = try Rig(
      apps: [app.address],
      changeSite: {
        $0.webSocket.endsWithSession = false
        $0.eventStream.endsWithSession = false
      })
    defer { rig.stop() }
    let kept = [try socket(rig, app), try stream(rig, app, cookie: rig.cookie())]
    #expect(try rig.onLoop { $0.streams.count } == 0 && kept.count == 2)
    let open = try Rig(apps: [app.address])
    defer { open.stop() }
    let anonymous = try stream(open, app, target: "/open/events")
    #expect(try open.onLoop { $0.streams.count } == 0)
    try anonymous.client.send("x")
  }

  @Test("a stream of events may be silent for longer than other answers, and not for ever")
  func idle() throws {
    let app = try App()
    let rig = try Rig(
      apps: [app.address], changeSite: { $0.eventStream.idleTimeout = .milliseconds(400) },
      change: { $0.limits.upstreamStallTimeout = .milliseconds(50) })
    defer { rig.stop() }
    let (client, peer) = try stream(rig, app, cookie: rig.cookie())
    let other = try rig.connect()
    try other.send(request("GET", "/open/x"))
    let plain = try app.accept()
    _ = try plain.message()
    try plain.send(events.replacing("text/event-stream", with: "text/event-streams") + "3\r\none\r\n")
    #expect((try? other.message()) == nil)
    // The other one has had its time, and this one not yet.
    try peer.send("3\r\ntwo\r\n")
    #expect(try client.exactly(8) == Array("3\r\ntwo\r\n".utf8))
    #expect(client.isOver)
    rig.stop()
    #expect(rig.accessLines.filter { $0.hasSuffix(" upstream-timeout") }.count == 2)
  }

  @Test("a site's WebSockets have an idle limit of their own")
  func idleSocket() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.webSocket.idleTimeout = .milliseconds(50) })
    defer { rig.stop() }
    let (client, peer) = try socket(rig, app)
    #expect(client.isOver && peer.isOver)
  }

  @Test("no more WebSockets at once than the site may have; one that ends makes room")
  func number() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.webSocket.connections = 1 })
    defer { rig.stop() }
    let (client, peer) = try socket(rig, app)
    let second = try rig.connect()
    try second.send(request("GET", "/app", TunnelTests.upgrade + ["Cookie: \(try rig.cookie())"]))
    let refused = try second.message()
    #expect(refused.status == 503 && refused["Retry-After"] != nil)
    client.close()
    peer.close()
    try rig.until("the place is free") { $0.rules.sites[0].settings.webSocketGate?.count == 0 }
    _ = try socket(rig, app)
  }

  /// What a handshake is answered with that must not reach the app.
  private func refusal(_ fields: [String], change: (inout Site) -> Void = { _ in }, isSecure: Bool = false) throws -> Message {
    let app = try App()
    let rig = try rig(app, change, isSecure)
    defer { rig.stop() }
    let refused = try ask(rig, fields, isSecure).message()
    #expect(try !app.isAskedFor())
    rig.stop()
    #expect(rig.auditLines.contains { $0.contains("\"refusal\"") })
    return refused
  }

  /// Whether a handshake reaches the app.
  private func passes(_ fields: [String], change: (inout Site) -> Void = { _ in }, isSecure: Bool = false) throws -> Bool {
    let app = try App()
    let rig = try rig(app, change, isSecure)
    defer { rig.stop() }
    let client = try ask(rig, fields, isSecure)
    defer { client.close() }
    return try app.accept().message()["Upgrade"] == "websocket"
  }

  private func rig(_ app: App, _ change: (inout Site) -> Void, _ isSecure: Bool) throws -> Rig {
    try Rig(apps: [app.address], changeSite: change, change: { $0.listeners[0].scheme = isSecure ? .https : nil })
  }

  private func ask(_ rig: Rig, _ fields: [String], _ isSecure: Bool) throws -> Peer {
    let client = try rig.connect()
    let cookie = try rig.cookie(isSecure: isSecure)
    try client.send(request("GET", "/app", TunnelTests.upgrade + fields + ["Cookie: \(isSecure ? "__Host-" : "")\(cookie)"]))
    return client
  }

  @Test(
    "a page of another site opens no WebSocket",
    arguments: [
      ["Origin: http://evil.test"], ["Origin: https://app.test"], ["Origin: http://app.test:81"], ["Origin: null"],
      ["Origin: http://app.test.evil.test"],
      ["Origin: http://app.test", "Origin: http://app.test"], ["Origin: http://app.test", "Sec-Fetch-Site: cross-site"],
      ["Sec-Fetch-Site: cross-site"],
      ["Sec-Fetch-Site: same-site"],
    ])
  func foreign(fields: [String]) throws {
    let refused = try refusal(fields)
    #expect(refused.status == 403 && refused["Content-Type"] == "application/problem+json")
  }

  @Test(
    "the site's own pages do, and programs, which send no Origin",
    arguments: [
      ["Origin: http://app.test"], ["Origin: http://APP.test:80", "Sec-Fetch-Site: same-origin"], [], ["Sec-Fetch-Site: same-origin"],
    ])
  func own(fields: [String]) throws { #expect(try passes(fields)) }

  @Test("where browsers use https the site's own pages do too")
  func secure() throws {
    #expect(try passes(["Origin: https://app.test"], isSecure: true))
    #expect(try refusal(["Origin: http://app.test"], isSecure: true).status == 403)
  }

  @Test("others do where the site says so")
  func others() throws {
    let portal: (inout Site) -> Void = { $0.webSocket.origin = .same(others: ["https://portal.test"]) }
    #expect(try passes(["Origin: https://portal.test", "Sec-Fetch-Site: cross-site"], change: portal))
    #expect(try passes(["Origin: http://app.test"], change: portal))
    #expect(try refusal(["Origin: https://evil.test"], change: portal).status == 403)
    #expect(try passes(["Origin: https://evil.test"], change: { $0.webSocket.origin = .any }))
  }

  @Test("nobody opens more WebSockets than a user may have, in whatever session, and others are not held up by it")
  func perUser() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.webSocket.connectionsPerUser = 2 })
    defer { rig.stop() }
    func refused(_ user: String) throws -> Message {
      let client = try rig.connect()
      try client.send(request("GET", "/app", TunnelTests.upgrade + ["Cookie: \(try rig.cookie(user: user))"]))
      return try client.message()
    }
    let first = try socket(rig, app, cookie: rig.cookie())
    var others = [try socket(rig, app, cookie: rig.cookie())]
    let answer = try refused("ann")
    #expect(answer.status == 429 && answer["Content-Type"] == "application/problem+json")
    others.append(try socket(rig, app, cookie: rig.cookie(user: "bob")))
    first.client.close()
    #expect(first.app.isOver)
    first.app.close()
    try rig.until("it is over") { $0.rules.sites[0].settings.memory.webSockets.most == 1 }
    others.append(try socket(rig, app, cookie: rig.cookie()))
    #expect(try refused("ann").status == 429)
    // What is open when a reload brings another limit counts.
    try rig.takeOver { $0.sites[0].webSocket.connectionsPerUser = 3 }
    others.append(try socket(rig, app, cookie: rig.cookie()))
    #expect(try refused("ann").status == 429 && others.count == 4)
    rig.stop()
    #expect(rig.eventLines.contains { $0.contains("websockets_per_user=2") && $0.contains("user=ann") })
  }

  @Test("a handshake that the app refuses takes no user's place")
  func refusedByTheApp() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.webSocket.connectionsPerUser = 1 })
    defer { rig.stop() }
    for _ in 0..<2 {
      let client = try rig.connect()
      try client.send(request("GET", "/app", TunnelTests.upgrade + ["Cookie: \(try rig.cookie())"]))
      let peer = try app.accept()
      _ = try peer.message()
      try peer.send(answer("403 Forbidden"))
      #expect(try client.message().status == 403)
    }
    _ = try socket(rig, app)
  }
}
