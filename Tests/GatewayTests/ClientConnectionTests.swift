import Testing

@testable import Gateway

@Suite struct ClientConnectionTests {
  @Test("requests in one piece are answered in their order, whoever answers each")
  func pipelining() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(
      request("GET", "/open/1") + request("GET", "/.anteroom/healthz") + request("POST", "/open/2", body: "body of two")
        + request("POST", "/app", body: request("GET", "/open/smuggled")) + request("GET", "/open/3") + request("GET", "/.anteroom/nothing")
    )
    // What may be sent twice goes over the connection that was given back last, anything else over a new one.
    let first = try app.accept()
    #expect(try first.message().target == "/open/1")
    try first.send(answer(body: "answer to /open/1"))
    let second = try app.accept()
    #expect(try second.message().text == "body of two")
    try second.send(answer(body: "answer to /open/2"))
    #expect(try second.message().target == "/open/3")
    try second.send(answer(body: "answer to /open/3"))
    #expect(try client.message().text == "answer to /open/1")
    #expect(try client.message().text == "ok\n")
    #expect(try client.message().text == "answer to /open/2")
    #expect(try client.message().status == 401)
    #expect(try client.message().text == "answer to /open/3")
    #expect(try client.message().status == 404)
    client.halfClose()
    #expect(try client.toEnd().isEmpty)
  }

  @Test("between two requests a connection has no buffer, whoever answered the last one")
  func idleBuffers() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    for target in ["/.anteroom/healthz", "/app"] {
      try client.send(request("GET", target))
      _ = try client.message()
      try rig.until("idle") { worker in worker.connections.values.contains { $0.hasBegun && $0.idleQueue != nil } }
      #expect(try rig.onLoop { $0.connections.values.map { $0.input.bytes.count } } == [0])
    }
  }

  @Test(
    "an unwanted body is read to its end in whatever pieces it comes, and the next request is found after it", arguments: [true, false])
  func drain(isChunked: Bool) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let hidden = request("GET", "/.anteroom/healthz", body: "")
    let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(hidden.utf8.count)"
    try client.send(request("POST", "/app", [framing]))
    #expect(try client.message().status == 401)
    if isChunked { try client.send("\(String(hidden.utf8.count, radix: 16))\r\n") }
    try client.send(String(hidden.prefix(20)))
    try rig.until("draining") { _ in true }
    try client.send(String(hidden.dropFirst(20)) + (isChunked ? "\r\n0\r\n\r\n" : "") + request("GET", "/.anteroom/nothing"))
    #expect(try client.message().status == 404)
    client.halfClose()
    #expect(try client.toEnd().isEmpty)
  }

  @Test("a body of exactly what is read and dropped leaves the connection usable")
  func drainAtLimit() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", body: String(repeating: "x", count: 256 << 10)))
    #expect(try client.message().status == 401)
    try client.send(request("GET", "/.anteroom/healthz"))
    #expect(try client.message().text == "ok\n")
  }

  @Test("a longer one ends the connection, and what follows it is not read")
  func drainBeyondLimit() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Content-Length: 1000000"]))
    #expect(try client.message().status == 401)
    // The gateway may close before it has all of it.
    try? client.send([UInt8](repeating: 120, count: 1_000_000) + [UInt8](request("GET", "/.anteroom/healthz").utf8))
    #expect(throws: (any Error).self) { try client.message() }
    rig.stop()
    #expect(rig.accessLines.count == 1)
  }

  @Test("broken framing in an unwanted body ends the connection")
  func drainMalformed() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Transfer-Encoding: chunked"]) + "zz\r\n" + request("GET", "/.anteroom/healthz"))
    #expect(try client.message().status == 401)
    #expect(try client.toEnd().isEmpty)
  }

  @Test("an unwanted body that does not come ends the connection")
  func drainTimeout() throws {
    let rig = try Rig(apps: [], change: { $0.limits.headerTimeout = .milliseconds(30) })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Content-Length: 5"]))
    #expect(try client.message().status == 401)
    #expect(try client.toEnd().isEmpty)
  }

  @Test("a connection that ends lets the client finish sending, so that it gets to read the answer")
  func lingering() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/app", ["Connection: close", "Content-Length: 100000"]))
    let answer = try client.message()
    #expect(answer.status == 401 && answer["Connection"] == "close")
    for _ in 0..<10 {
      try client.send(String(repeating: "x", count: 10_000))
      try rig.until("taken") { _ in true }
    }
    #expect(try client.toEnd().isEmpty)
  }

  @Test("an empty line before a request is forgiven, a head in single bytes is the same head")
  func pieces() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    for byte in [UInt8](("\r\n" + request("GET", "/.anteroom/healthz")).utf8) { try client.send([byte]) }
    #expect(try client.message().text == "ok\n")
  }

  @Test("a head that does not come in time is 408, an idle connection just ends")
  func timeouts() throws {
    let rig = try Rig(
      apps: [],
      change: {
        $0.limits.headerTimeout = .milliseconds(30)
        $0.limits.idleTimeout = .milliseconds(30)
      })
    defer { rig.stop() }
    let slow = try rig.connect()
    try slow.send("GET / HTTP/1.1\r\nHo")
    #expect(try slow.message().status == 408)
    #expect(try slow.toEnd().isEmpty)
    let idle = try rig.connect()
    try idle.send(request("GET", "/.anteroom/healthz"))
    _ = try idle.message()
    #expect(try idle.toEnd().isEmpty)
  }

  @Test("a client that resets while its answer is made is forgotten, and takes nothing down")
  func reset() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    client.close(reset: true)
    try rig.until("forgotten") { $0.services.admission.all.count == 0 }
    #expect(try peer.toEnd().isEmpty, "the app's connection goes with it")
    let next = try rig.connect()
    try next.send(request("GET", "/.anteroom/healthz"))
    #expect(try next.message().status == 200)
  }
}
