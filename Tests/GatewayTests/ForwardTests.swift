import Dispatch
import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Gateway

@Suite struct ForwardTests {
  @Test("a connection that was used before and closes without an answer is forgiven once")
  func retry() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let first = try client.keptConnection(to: app)
    try client.send(request("GET", "/open/2"))
    #expect(try first.message().target == "/open/2")
    first.close()
    let second = try app.accept()
    let again = try second.message()
    #expect(again.target == "/open/2")
    try second.send(answer(body: "second"))
    #expect(try client.message().text == "second")
    rig.stop()
    #expect(rig.accessLines.count == 2)
    #expect(rig.accessLines[1].hasSuffix(" ok"))
  }

  @Test("what closes on the second attempt too is 502, and not tried a third time")
  func retryFails() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let first = try client.keptConnection(to: app)
    try client.send(request("GET", "/open/2"))
    _ = try first.message()
    first.close()
    let second = try app.accept()
    _ = try second.message()
    second.close()
    #expect(try client.message().status == 502)
    #expect(try !app.isAskedFor())
    rig.stop()
    #expect(rig.accessLines[1].hasSuffix(" upstream-closed"))
  }

  @Test("an app that refuses is left for the other one, and is asked again only when it may be up")
  func otherServer() throws {
    let closed = try ClosedPort()
    let app = try App()
    let rig = try Rig(apps: [closed.address, app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    var peer: Peer?
    for number in 1...4 {
      try client.send(request("GET", "/open/\(number)"))
      let current = try peer ?? app.accept()
      peer = current
      #expect(try current.message().target == "/open/\(number)")
      try current.send(answer(body: "\(number)"))
      #expect(try client.message().text == "\(number)")
    }
    rig.stop()
    #expect(rig.accessLines.allSatisfy { $0.contains(" \(app.address) ") && $0.hasSuffix(" ok") })
  }

  @Test("a request that must not be sent twice is told of a refusal, and goes over a fresh connection")
  func unsafe() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let kept = try client.keptConnection(to: app)
    defer { kept.close() }
    try client.send(request("POST", "/open/2", body: "x"))
    let second = try app.accept()
    #expect(try second.message().text == "x")
    second.close()
    #expect(try client.message().status == 502)
    #expect(try !app.isAskedFor())
    app.close()
    try client.send(request("DELETE", "/open/3"))
    #expect(try client.message().status == 502)
  }

  @Test("an app that does not answer in time is 504; between two pieces of an answer the connection is cut")
  func timeouts() throws {
    let app = try App()
    let rig = try Rig(
      apps: [app.address],
      change: {
        $0.limits.upstreamTimeout = .milliseconds(50)
        $0.limits.upstreamStallTimeout = .milliseconds(50)
      })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/1"))
    let silent = try app.accept()
    _ = try silent.message()
    #expect(try client.message().status == 504)
    #expect(try silent.toEnd().isEmpty)
    try client.send(request("GET", "/open/2"))
    let half = try app.accept()
    _ = try half.message()
    try half.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    #expect(throws: WireFault.self) { try client.message() }
    rig.stop()
    #expect(rig.accessLines.map { $0.hasSuffix(" upstream-timeout") } == [true, true])
  }

  @Test("an early answer goes to the client while it is still sending; the rest of its body is dropped, and it goes on")
  func earlyAnswer() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Content-Length: 1000"]) + "first part")
    let peer = try app.accept()
    _ = try peer.head()
    #expect(try peer.exactly(10) == [UInt8]("first part".utf8))
    try peer.send(answer("403 Forbidden", body: "no"))
    #expect(try client.message().text == "no")
    #expect(try peer.toEnd().isEmpty, "the app's connection, on which half a request stands, is not used again")
    let rest = request("GET", "/.anteroom/nothing")
    try client.send(rest + String(repeating: "x", count: 990 - rest.utf8.count) + request("GET", "/.anteroom/healthz"))
    #expect(try client.message().text == "ok\n")
  }

  @Test("an upload longer than the limit is refused, at once if its length is told, else when it gets there")
  func bodyLimit() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: { $0.limits.body = 1000 })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", body: String(repeating: "x", count: 1001)))
    #expect(try client.message().status == 413)
    #expect(try !app.isAskedFor())
    try client.send(request("POST", "/open/2", body: String(repeating: "x", count: 1000)))
    let exact = try app.accept()
    #expect(try exact.message().body.count == 1000)
    try exact.send(answer())
    #expect(try client.message().status == 200)
    try client.send(request("POST", "/open/3", ["Transfer-Encoding: chunked"]) + "3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n")
    let chunked = try app.accept()
    _ = try chunked.head()
    try client.send("1\r\nx\r\n")
    #expect(try client.message().status == 413)
    #expect(throws: (any Error).self, "the app never sees a whole request") { try chunked.chunks() }
  }

  @Test("a client that waits for 100 gets it when an app takes the request, once, and whatever the app says of it")
  func expectContinue() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Content-Length: 4", "Expect: 100-continue"]))
    let peer = try app.accept()
    #expect(try client.message().status == 100)
    try client.send("body")
    let received = try peer.message()
    #expect(received.text == "body" && received["Expect"] == nil)
    try peer.send("HTTP/1.1 100 Continue\r\n\r\n" + answer())
    #expect(try client.message().status == 200)
    try client.send(request("POST", "/open/2", ["Content-Length: 4", "Expect: 100-continue"]) + "body")
    let second = try app.accept()
    _ = try second.message()
    try second.send(answer(body: "no need"))
    #expect(try client.message().text == "no need", "no 100 once the body has begun")
  }

  @Test("no app that takes the request: a client that waits for 100 is told so and need not send its body")
  func expectContinueUnreachable() throws {
    let closed = try ClosedPort()
    let rig = try Rig(apps: [closed.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Content-Length: 4", "Expect: 100-continue"]))
    let answer = try client.message()
    #expect(answer.status == 502 && answer["Connection"] == "close")
    client.halfClose()
    #expect(try client.toEnd().isEmpty)
  }

  @Test("interim answers pass in their order, 100 stays here, and too many are no answer")
  func interim() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    _ = try peer.message()
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    try peer.send(hints + "HTTP/1.1 100 Continue\r\n\r\n" + hints + answer())
    for _ in 0..<2 {
      let hint = try client.message()
      #expect(hint.status == 103 && hint["Link"] == "</a>")
    }
    #expect(try client.message().text == "fine")
    try client.send("GET /open/2 HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n")
    _ = try peer.message()
    try peer.send(hints + answer())
    #expect(try client.message().text == "fine", "HTTP/1.0 knows no interim answers")
    try client.send(request("GET", "/open/3"))
    _ = try peer.message()
    try peer.send(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17) + answer())
    #expect(try client.message().status == 502)
  }

  @Test("a body that the client breaks is 400, and the app never gets a whole request")
  func malformedBody() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Transfer-Encoding: chunked"]) + "2\r\nab\r\n")
    let peer = try app.accept()
    _ = try peer.head()
    try client.send("zz\r\n" + request("GET", "/.anteroom/healthz"))
    #expect(try client.message().status == 400)
    #expect(try client.toEnd().isEmpty)
    #expect(throws: (any Error).self) { try peer.chunks() }
  }

  @Test("a client that goes away within its body leaves the app with half a request that is seen to be half")
  func truncatedBody() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("POST", "/open/1", ["Content-Length: 10"]) + "half")
    let peer = try app.accept()
    _ = try peer.head()
    client.close()
    #expect(try peer.toEnd() == [UInt8]("half".utf8))
    rig.stop()
    #expect(rig.accessLines.count == 1 && rig.accessLines[0].hasSuffix(" client-closed"))
  }

  @Test("a connection that the app says it will close is not used again, nor one with bytes after the answer")
  func notKept() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    for text in [answer("200 OK", ["Connection: close"]), answer() + "x", "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine"] {
      try client.send(request("GET", "/open/1"))
      let peer = try app.accept()
      _ = try peer.message()
      try peer.send(text)
      #expect(try client.message().text == "fine")
      #expect(try peer.toEnd().isEmpty)
    }
  }

  @Test("a transfer that goes on without a pause has its time anew with each round", arguments: [true, false])
  func yields(isUpload: Bool) throws {
    let app = try App()
    // So little at a time that a round takes less than what the kernel holds.
    let rig = try Rig(apps: [app.address], inputBytes: 2 << 10, change: { $0.limits.upstreamStallTimeout = .seconds(7) })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(isUpload ? request("POST", "/open/x", ["Content-Length: 100000"]) : request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.head()
    let source = try #require(
      try rig.onLoop { $0.exchanges.first.flatMap { isUpload ? $0.connection?.descriptor : $0.upstream?.descriptor } })
    let release = DispatchSemaphore(value: 0)
    rig.hold(release)
    defer { release.signal() }
    try (isUpload ? client : peer).send(
      (isUpload ? "" : "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") + String(repeating: "x", count: 48 << 10))
    var waiting: Int32 = 0
    while waiting < 40 << 10 { try #require(ioctl(source, UInt(FIONREAD), &waiting) == 0) }
    // Seen after one round, and before the next.
    let seen = Seen()
    rig.post { worker in
      if let upstream = worker.exchanges.first?.upstream {
        seen.left.store(upstream.deadline == .max ? .max : upstream.deadline - worker.loop.now, ordering: .relaxed)
      }
      seen.isThere.signal()
    }
    release.signal()
    #expect(seen.isThere.wait(timeout: .now() + 10) == .success)
    #expect(seen.left.load(ordering: .relaxed) == 7000)
  }

  private final class Seen: Sendable {
    let left = Atomic<Int64>(-1)
    let isThere = DispatchSemaphore(value: 0)
  }

  @Test("a slow client slows the app down, and gets every byte")
  func backPressure() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connectNarrow()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    _ = try peer.message()
    let body = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 4) }
    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
    _ = try client.head()
    var sent = 0
    var received: [UInt8] = []
    while received.count < body.count {
      sent += peer.sendWithoutWaiting(Array(body[sent..<min(body.count, sent + 1_000_000)]))
      received += try client.exactly(min(sent - received.count, 200_000))
    }
    #expect(received == body)
  }
}
