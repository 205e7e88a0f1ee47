import EventLoop
import Testing

@testable import Demo

/// On loopback, with the real loop.
@Suite struct StandInConnectionTests {
  let thread: StandInThread
  let address: SocketAddress

  init() throws {
    thread = try StandInThread()
    address = try thread.serve {
      { request in
        let fields = request.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        return .text(200, "\(request.method) \(request.path) \(request.query ?? "-") \(fields) \(request.body.count)")
      }
    }
  }

  private func get(_ path: String, _ more: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\(more)\r\n" }

  @Test("a GET is answered with what its site says, with Date, type and length")
  func get() throws {
    let client = try LoopbackClient(address)
    client.send(get("/x?a=1&b", "X-One: 1\r\n"))
    let answer = client.answer()
    #expect(answer.status == 200)
    #expect(answer.body == "GET /x a=1&b Host=a,X-One=1 0\n")
    #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
    #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
    #expect(answer.fields["connection"] == nil)
    thread.stop()
  }

  @Test("requests of one connection are answered in order, also when they come at once or byte by byte")
  func keepAlive() throws {
    let client = try LoopbackClient(address)
    client.send(get("/1") + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get("/3"))
    #expect(client.answer().body == "GET /1 - Host=a 0\n")
    #expect(client.answer().body == "POST /2 - Host=a,Content-Length=3 3\n")
    #expect(client.answer().body == "GET /3 - Host=a 0\n")
    for byte in get("/4").utf8 { client.send([byte]) }
    #expect(client.answer().body == "GET /4 - Host=a 0\n")
    thread.stop()
  }

  @Test("a HEAD has the length of the GET and no body")
  func head() throws {
    let client = try LoopbackClient(address)
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/after"))
    let answer = client.answer(isHead: true)
    #expect(answer.status == 200 && answer.fields["content-length"] == "\("HEAD / - Host=a 0\n".utf8.count)")
    #expect(client.answer().body == "GET /after - Host=a 0\n")
    thread.stop()
  }

  @Test("a chunked body is taken out of its framing, after the 100 that the client waits for")
  func chunked() throws {
    let client = try LoopbackClient(address)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
    #expect(client.answer().status == 100)
    client.send("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" + get("/after"))
    #expect(client.answer().body.hasSuffix(" 5\n"))
    #expect(client.answer().body == "GET /after - Host=a 0\n")
    thread.stop()
  }

  @Test("a body of 64 KB is taken")
  func largestBody() throws {
    let client = try LoopbackClient(address)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n")
    client.send([UInt8](repeating: 0x61, count: 65536))
    #expect(client.answer().body.hasSuffix(" 65536\n"))
    thread.stop()
  }

  @Test("a body that says it is larger is refused before it comes, and the connection ends")
  func declaredTooLarge() throws {
    let client = try LoopbackClient(address)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")
    let answer = client.answer()
    #expect(answer.status == 413 && answer.fields["connection"] == "close")
    client.send([UInt8](repeating: 0x61, count: 65537))
    #expect(client.isAtEnd())
    thread.stop()
  }

  @Test("a chunked body that becomes larger is refused, and what is left of it is no request")
  func chunkedTooLarge() throws {
    let client = try LoopbackClient(address)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = [UInt8]("8000\r\n".utf8) + [UInt8](repeating: 0x61, count: 0x8000) + [13, 10]
    for _ in 0..<3 { client.send(chunk) }
    client.send(get("/hidden"))
    #expect(client.answer().status == 413)
    #expect(client.isAtEnd())
    thread.stop()
  }

  @Test(
    "what cannot be read is refused, and the connection ends",
    arguments: [
      ("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 40_000), 431),
    ])
  func malformed(request: String, status: Int) throws {
    let client = try LoopbackClient(address)
    client.send(request)
    let answer = client.answer()
    #expect(answer.status == status && answer.fields["connection"] == "close")
    client.finishSending()
    #expect(client.isAtEnd())
    thread.stop()
  }

  @Test("an HTTP/1.0 client is answered and let go, and kept if it asks")
  func oldVersion() throws {
    let client = try LoopbackClient(address)
    client.send("GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
    #expect(client.answer().fields["connection"] == "keep-alive")
    client.send("GET /2 HTTP/1.0\r\nHost: a\r\n\r\n")
    let answer = client.answer()
    #expect(answer.body == "GET /2 - Host=a 0\n" && answer.fields["connection"] == "close")
    client.finishSending()
    #expect(client.isAtEnd())
    thread.stop()
  }

  @Test("a client that has finished sending still gets its answer")
  func halfClosed() throws {
    let client = try LoopbackClient(address)
    client.send(get("/last"))
    client.finishSending()
    #expect(client.answer().body == "GET /last - Host=a 0\n")
    #expect(client.isAtEnd())
    thread.stop()
  }

  @Test("stopping ends open connections and frees the port")
  func stop() throws {
    let client = try LoopbackClient(address)
    client.send(get("/"))
    #expect(client.answer().status == 200)
    thread.stop()
    #expect(client.isAtEnd())
    #expect(throws: SystemError.self) { try LoopbackClient(address) }
  }
}
