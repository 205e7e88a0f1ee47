import EventLoop
import Glibc
import Testing

@testable import Gateway
@testable import Upstream

@Suite struct MendedFaultsTests {
  @Test("a chunk over the body limit is not decoded twice: nothing of it is read as a request")
  func tooLargeSmuggling() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: { $0.limits.body = 1000 })
    defer { rig.stop() }
    let client = try rig.connect()
    let hidden = "\r\n0\r\n\r\n" + request("GET", "/open/smuggled")
    try client.send(
      request("POST", "/open/1", ["Transfer-Encoding: chunked"]) + String(1000 + hidden.utf8.count, radix: 16) + "\r\n"
        + String(repeating: "x", count: 1000))
    let peer = try app.accept()
    _ = try peer.head()
    _ = try peer.exactly(1000)
    try client.send(hidden)
    #expect(try client.message().status == 413)
    for _ in 0..<100 { try rig.onLoop { _ in } }
    #expect(try !app.isAskedFor())
    rig.stop()
    #expect(!rig.accessLines.contains { $0.contains("smuggled") }, "\(rig.accessLines)")
  }

  @Test("a form that does not come in time ends the connection; its rest is not read as a request")
  func formTimeoutSmuggling() throws {
    let rig = try Rig(apps: [], change: { $0.limits.headerTimeout = .milliseconds(50) })
    defer { rig.stop() }
    let client = try rig.connect()
    let hidden = request("GET", "/.anteroom/healthz?smuggled")
    try client.send(
      request("POST", "/.anteroom/login", ["Content-Type: application/x-www-form-urlencoded", "Content-Length: \(4 + hidden.utf8.count)"])
        + "a=b&")
    #expect(try client.message().status == 408)
    try? client.send(hidden)
    // An end or a reset, but no answer.
    let rest = String(decoding: (try? client.toEnd()) ?? [], as: UTF8.self)
    #expect(rest.isEmpty, "\(rest)")
  }

  @Test("a body beyond the drain limit: the client still gets an orderly end")
  func lingerAfterLimit() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Content-Length: 10000000"]))
    #expect(try client.message().status == 401)
    for _ in 0..<8 {
      try client.send([UInt8](repeating: 120, count: 64 << 10))
      try rig.until("taken") { _ in true }
    }
    #expect(try client.toEnd().isEmpty)
  }

  @Test("an app that refuses an upload it does not read, and closes: its answer arrives")
  func earlyAnswerAndClose() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Content-Length: 50000000"]))
    let peer = try app.accept()
    _ = try peer.head()
    // The client sends until nothing moves any more: the gateway waits for the app to read.
    let piece = [UInt8](repeating: 120, count: 256 << 10)
    var sent = 0
    while try !rig.onLoop({ worker in worker.loop.now > 0 }) {}
    var idle = 0
    while idle < 200 {
      let moved = client.sendWithoutWaiting(piece)
      sent += moved
      idle = moved == 0 ? idle + 1 : 0
      try rig.onLoop { _ in }
    }
    try peer.send(answer("413 Content Too Large", ["Connection: close"], body: "too much"))
    peer.close()
    let message = try client.message()
    #expect(message.status == 413, "\(message.start)")
  }

  @Test("an app that stalls after a slow client has caught up is cut in time")
  func stallAfterBlocked() throws {
    let app = try App()
    let rig = try Rig(
      apps: [app.address],
      change: {
        $0.limits.upstreamStallTimeout = .milliseconds(300); $0.limits.idleTimeout = .seconds(30)
      })
    defer { rig.stop() }
    let client = try rig.connectNarrow()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 40_000))
    try rig.until("blocked") { worker in
      worker.rules.sites[0].servers[0].takeIdle() == nil
    }
    for _ in 0..<50 { try rig.onLoop { _ in } }
    _ = try client.head()
    #expect(try client.exactly(40_000).count == 40_000)
    // Cut in time, by a reset or by a plain end of what was promised to be longer.
    #expect(client.isOver)
  }

  @Test("one refused connection counts as one failure")
  func doubleFailure() throws {
    let closed = try ClosedPort()
    let rig = try Rig(apps: [closed.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1"))
    #expect(try client.message().status == 502)
    #expect(try rig.onLoop { $0.rules.sites[0].servers[0].health.isUp($0.loop.now + 1000) })
  }

  @Test("pipelined requests are each charged their own bytes")
  func bytesIn() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let one = request("GET", "/.anteroom/healthz")
    try client.send(one + one + one)
    for _ in 0..<3 { _ = try client.message() }
    rig.stop()
    let bytes = rig.accessLines.map { $0.split(separator: "\" ")[1].split(separator: " ")[2] }
    #expect(bytes == ["\(one.utf8.count)", "\(one.utf8.count)", "\(one.utf8.count)"])
  }

  @Test("bytes sent are never counted below zero")
  func bytesOut() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connectNarrow()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n" + String(repeating: "x", count: 50_000) + "\r\n")
    _ = try client.head()
    for _ in 0..<50 { try rig.onLoop { _ in } }
    rig.stop()
    #expect(rig.accessLines.count == 1)
    let bytes = Int(rig.accessLines[0].split(separator: "\" ")[1].split(separator: " ")[1]) ?? -1
    #expect(bytes > 0, "\(rig.accessLines)")
  }

  @Test("a patient request whose client goes away before the answer is 'failed' in the audit trail")
  func auditClientGone() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/patients?patient_id=5", ["Cookie: \(try rig.cookie())"]))
    let peer = try app.accept()
    _ = try peer.message()
    client.close(reset: true)
    try rig.until("gone") { $0.services.admission.all.count == 0 }
    rig.stop()
    #expect(rig.auditLines.count == 1 && rig.auditLines[0].contains("\"outcome\":\"failed\""), "\(rig.auditLines)")
  }

  @Test("a patient's WebSocket that was opened is 'shown'")
  func auditTunnel() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(
      request(
        "GET", "/patients?patient_id=5",
        [
          "Cookie: \(try rig.cookie())", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
    #expect(try client.head().status == 101)
    #expect(try client.exactly(5) == [UInt8]("hello".utf8))
    peer.close()
    client.close()
    try rig.until("gone") { $0.services.admission.all.count == 0 }
    rig.stop()
    #expect(rig.auditLines.count == 1 && rig.auditLines[0].contains("\"outcome\":\"shown\""), "\(rig.auditLines)")
  }

  @Test("after an interim answer a close is not forgiven")
  func interimThenClose() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let first = try client.keptConnection(to: app)
    try client.send(request("GET", "/open/2"))
    _ = try first.message()
    try first.send("HTTP/1.1 103 Early Hints\r\n\r\n")
    #expect(try client.message().status == 103)
    first.close()
    #expect(try client.message().status == 502, "and nothing is sent a second time")
  }

  @Test("a file that becomes readable has another stamp")
  func stampMode() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a", "x")
    let before = FileStamp.of(directory.file("a"))
    chmod(directory.file("a"), 0o600)
    chmod(directory.file("a"), 0o640)
    #expect(FileStamp.of(directory.file("a")) != before)
  }
}
