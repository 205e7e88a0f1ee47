import Testing

@testable import HTTP

@Suite struct RequestParserTests {
  @Test("A plain request is taken apart into offsets")
  func plainRequest() {
    let request = parseRequest("GET /patients?patient_id=1 HTTP/1.1\r\nHost: au.example.com\r\nX-Note:  a b \t\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.head.method == .get)
    #expect(request.text(request.head.methodRange) == "GET")
    #expect(request.text(request.head.target) == "/patients?patient_id=1")
    #expect(request.text(request.head.path) == "/patients")
    #expect(request.text(request.head.query) == "patient_id=1")
    #expect(request.text(request.head.pathAndQuery) == "/patients?patient_id=1")
    #expect(request.text(request.head.host) == "au.example.com")
    #expect(request.head.minorVersion == 1)
    #expect(request.head.fields.count == 2)
    #expect(request.text(request.head.fields[1].name) == "X-Note")
    #expect(request.text(request.head.fields[1].value) == "a b")
    #expect(request.text(request.head.fields[1].line) == "X-Note:  a b \t\r\n")
    #expect(request.head.byteCount == request.bytes.count)
  }

  @Test(
    "Deep links survive byte for byte",
    arguments: [
      ("/patients?patient_id=1&return=https://x/y;z&a=%2F+b", "/patients", "patient_id=1&return=https://x/y;z&a=%2F+b"),
      ("/?url=//example.com&next=//example.com", "/", "url=//example.com&next=//example.com"),
      ("/http://example.com", "/http://example.com", nil), ("/?a&b=&&c", "/", "a&b=&&c"), ("/%zz", "/%zz", nil), ("/?", "/", ""),
      ("/a?b?c", "/a", "b?c"), ("//evil.com/%2e%2e?x", "//evil.com/%2e%2e", "x"), ("/\\evil.com", "/\\evil.com", nil),
      ("/a;b=1/../|^`{}\"<>", "/a;b=1/../|^`{}\"<>", nil),
    ] as [(String, String, String?)])
  func deepLinks(target: String, path: String, query: String?) {
    let request = parseRequest("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.text(request.head.target) == target)
    #expect(request.text(request.head.path) == path)
    #expect(request.text(request.head.query) == query)
    #expect(request.text(request.head.pathAndQuery) == target)
  }

  @Test("A query of 4 KB passes")
  func longQuery() {
    let query = String(repeating: "k=%20v&", count: 600)
    let request = parseRequest("GET /?\(query) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.text(request.head.query) == query)
  }

  @Test(
    "A request line that is not exactly method, blank, target, blank, version is refused",
    arguments: [
      ("GET  / HTTP/1.1", RequestFault.illFormedRequestLine), (" GET / HTTP/1.1", .illFormedRequestLine),
      (" / HTTP/1.1", .illFormedRequestLine),
      ("GET\t/ HTTP/1.1", .illFormedRequestLine), ("GET / HTTP/1.1 ", .illFormedRequestLine), ("GET /  HTTP/1.1", .illFormedRequestLine),
      ("GET /a b HTTP/1.1", .illFormedRequestLine), ("GET /", .illFormedRequestLine), ("GET", .illFormedRequestLine),
      ("GET / http/1.1", .illFormedRequestLine), ("GET / HTTP/11", .illFormedRequestLine), ("GET / HTTP/1.10", .illFormedRequestLine),
      ("GET / HTTP/1.", .illFormedRequestLine), ("GET / HTTP/+1.1", .illFormedRequestLine), ("GET / HTTPS/1.1", .illFormedRequestLine),
      ("G(T / HTTP/1.1", .illFormedRequestLine), ("G\u{e9}T / HTTP/1.1", .illFormedRequestLine), ("/ HTTP/1.1", .illFormedRequestLine),
      ("GET /\tHTTP/1.1", .illFormedTarget), ("GET /\u{b}x HTTP/1.1", .illFormedTarget), ("GET /\u{0} HTTP/1.1", .illFormedTarget),
      ("GET /\u{7f} HTTP/1.1", .illFormedTarget), ("GET /\u{1}234567890 HTTP/1.1", .illFormedTarget),
      ("GET /a#b HTTP/1.1", .fragmentInTarget), ("GET /api/secret#/status HTTP/1.1", .fragmentInTarget),
      ("GET /\u{fc} HTTP/1.1", .byteOutsideASCIIInTarget), ("GET /?q=\u{ff11} HTTP/1.1", .byteOutsideASCIIInTarget),
      ("GET / HTTP/1.1\rX", .field(.bareCarriageReturn)), ("GET /\rx HTTP/1.1", .illFormedRequestLine),
    ])
  func illFormedRequestLines(line: String, fault: RequestFault) {
    #expect(parseRequest(line + "\r\nHost: a\r\n\r\n").fault == fault)
    #expect(fault.status == 400)
  }

  @Test("A line feed without a carriage return ends nothing")
  func bareLineFeed() {
    #expect(parseRequest("GET / HTTP/1.1\nHost: a\r\n\r\n").fault == .field(.bareLineFeed))
    #expect(parseRequest("GET /\n").fault == .illFormedRequestLine)
    #expect(parseRequest("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault == .illFormedRequestLine)
  }

  @Test("Versions other than 1.0 and 1.1 get 505", arguments: ["1.2", "1.9", "0.9", "2.0", "3.1"])
  func otherVersions(version: String) {
    let request = parseRequest("GET / HTTP/\(version)\r\nHost: a\r\n\r\n")
    #expect(request.fault == .unsupportedVersion)
    #expect(request.fault?.status == 505)
  }

  @Test("HTTP/1.0 is served")
  func version0() {
    let request = parseRequest("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.head.minorVersion == 0)
  }

  @Test("CONNECT gets 501 before anything else is read")
  func connect() {
    let request = parseRequest("CONNECT a:443 HTTP/1.1\r\n")
    #expect(request.fault == .connectNotServed)
    #expect(request.fault?.status == 501)
  }

  @Test("At most one empty line may come before a request line")
  func leadingEmptyLine() {
    let request = parseRequest("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.text(request.head.path) == "/x")
    #expect(request.head.byteCount == request.bytes.count)
    #expect(parseRequest("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault == .illFormedRequestLine)
    #expect(parseRequest("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault == .field(.bareCarriageReturn))
  }

  @Test("A request line alone that fills the limit gets 414, a head that does gets 431")
  func limits() {
    let long = String(repeating: "a", count: 300)
    #expect(parseRequest("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", maxHeadBytes: 256).fault == .requestLineTooLong)
    #expect(parseRequest("GET /\(long)", maxHeadBytes: 305).fault == .requestLineTooLong)
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", maxHeadBytes: 256).fault == .headTooLarge)
    #expect(RequestFault.requestLineTooLong.status == 414)
    #expect(RequestFault.headTooLarge.status == 431)
    let exact = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(parseRequest(exact, maxHeadBytes: exact.utf8.count).outcome == .complete)
    #expect(parseRequest(exact, maxHeadBytes: exact.utf8.count - 1).fault == .headTooLarge)
  }

  @Test("More fields than allowed get 431")
  func fieldCount() {
    let fields = (1...9).map { "X-\($0): y\r\n" }.joined()
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", maxFields: 10).outcome == .complete)
    let request = parseRequest("GET / HTTP/1.1\r\nHost: a\r\n\(fields)X: y\r\n\r\n", maxFields: 10)
    #expect(request.fault == .field(.tooManyFields))
    #expect(request.fault?.status == 431)
  }

  @Test("A pipelined request is left for the next call, and nothing of the first one stays in its head")
  func pipelined() {
    let first = [UInt8]("POST /a?q HTTP/1.1\r\nHost: a\r\nConnection: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n".utf8)
    let second = [UInt8]("GET /b HTTP/1.1\r\nHost: b\r\n\r\n".utf8)
    let bytes = first + second
    var parser = RequestParser(maxHeadBytes: 4096, maxFields: 10)
    var head = RequestHead()
    #expect(parser.parse(bytes.span, into: &head) == .complete)
    #expect(head.byteCount == first.count)
    #expect(parser.parse(bytes.span.extracting(head.byteCount..<bytes.count), into: &head) == .complete)
    var fresh = RequestHead()
    #expect(parser.parse(second.span, into: &fresh) == .complete)
    #expect(head == fresh)
  }

  @Test("A parser that is reset in the middle of a head starts anew")
  func reset() {
    var parser = RequestParser(maxHeadBytes: 4096, maxFields: 10)
    var head = RequestHead()
    for prefix in ["GET / HTT", "GET / HTTP/1.1\r\nHost: a\r\nX", "GET / HTTP/1.1\r\nHost: a\r\n\r"] {
      #expect(parser.parse([UInt8](prefix.utf8).span, into: &head) == .incomplete)
      parser.reset()
      let bytes = [UInt8]("GET /x HTTP/1.1\r\nHost: b\r\n\r\n".utf8)
      #expect(parser.parse(bytes.span, into: &head) == .complete)
      #expect(head.fields.count == 1)
    }
  }

  @Test("Every part of a head alone is incomplete")
  func prefixes() {
    let bytes = [UInt8]("\r\nPOST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n".utf8)
    for count in 0..<bytes.count {
      var parser = RequestParser(maxHeadBytes: 4096, maxFields: 10)
      var head = RequestHead()
      #expect(parser.parse(bytes.span.extracting(0..<count), into: &head) == .incomplete)
    }
  }

  @Test("A second request hidden in a body is body")
  func hiddenRequest() {
    let hidden = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
    let message =
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n" + hidden + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    let request = parseRequest(message)
    let rest = [UInt8](request.bytes[request.head.byteCount...])
    let body = decodeBody(rest, request.head.body)
    #expect(body.data == [UInt8](hidden.utf8))
    let next = parseRequest([UInt8](rest[body.consumed...]))
    #expect(next.text(next.head.path) == "/next")
  }

  @Test("A second request hidden in a chunk is body")
  func hiddenRequestInChunk() {
    let hidden = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
    let message =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(String(hidden.utf8.count, radix: 16))\r\n\(hidden)\r\n0\r\n\r\n"
      + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    let request = parseRequest(message)
    let rest = [UInt8](request.bytes[request.head.byteCount...])
    let body = decodeBody(rest, request.head.body)
    #expect(body.data == [UInt8](hidden.utf8))
    let next = parseRequest([UInt8](rest[body.consumed...]))
    #expect(next.text(next.head.path) == "/next")
  }

  @Test("Every byte at every place of a request line comes to what the definition says, however the words fall")
  func everyByteOfTheLine() {
    for start in ["GET /", "HEAD /abc?d=e", "OPTIONS /abcdefghij", "BREW /a", "PROPPATCH /abcdefghijklmnop"] {
      let line = "\(start) HTTP/1.1\r\n"
      for place in 0..<line.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](line.utf8)
          bytes[place] = byte
          let parts = bytes.dropLast(2).split(separator: 0x20, omittingEmptySubsequences: false)
          let isWellFormed =
            bytes.suffix(2) == [0x0D, 0x0A] && parts.count == 3 && !parts[0].isEmpty && parts[0].allSatisfy(isTokenByte)
            && parts[1].first == 0x2F && parts[1].allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x23 }
            && (parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8))
          let request = parseRequest(bytes + [UInt8]("Host: a\r\n\r\n".utf8))
          #expect((request.outcome == .complete) == isWellFormed, "\(bytes)")
          guard isWellFormed else { continue }
          #expect(request.text(request.head.methodRange) == String(decoding: parts[0], as: UTF8.self))
          #expect(request.text(request.head.target) == String(decoding: parts[1], as: UTF8.self))
          #expect(request.head.minorVersion == parts[2].last.map { $0 - 0x30 })
        }
      }
    }
  }

  @Test("other limits hold from the next head on; of one under way nothing that was looked at is refused")
  func otherLimits() {
    var parser = RequestParser(maxHeadBytes: 1000, maxFields: 10)
    var head = RequestHead()
    let text = [UInt8]("GET /\(String(repeating: "x", count: 100)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    guard case .incomplete = parser.parse(text.span.extracting(0..<90), into: &head) else { return #expect(Bool(false)) }
    parser.setLimits(maxHeadBytes: 50, maxFields: 10)
    guard case .failed = parser.parse(text.span, into: &head) else { return #expect(Bool(false)) }
    parser.reset()
    parser.setLimits(maxHeadBytes: 200, maxFields: 1)
    guard case .complete = parser.parse(text.span, into: &head) else { return #expect(Bool(false)) }
    let two = [UInt8]("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n".utf8)
    guard case .failed = parser.parse(two.span, into: &head) else { return #expect(Bool(false)) }
  }
}
