import Testing

@testable import HTTP

@Suite struct RequestSemanticsTests {
  private func post(_ fields: String, version: String = "1.1") -> ParsedRequest {
    parseRequest("POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\r\n")
  }

  @Test(
    "A body's length is told by one clear field",
    arguments: [
      ("X: y", BodyFraming.none), ("Content-Length: 0", .length(0)), ("content-length:5", .length(5)), ("Content-Length: 005", .length(5)),
      ("Content-Length: 9223372036854775807", .length(.max)), ("Transfer-Encoding: chunked", .chunked),
      ("transfer-encoding: CHUNKED \t", .chunked),
    ])
  func framing(fields: String, framing: BodyFraming) {
    let request = post(fields)
    #expect(request.outcome == .complete)
    #expect(request.head.body == framing)
  }

  @Test(
    "A body's length that two readers could take differently is refused",
    arguments: [
      ("Content-Length: 5\r\nTransfer-Encoding: chunked", FramingFault.bothFramings),
      ("Transfer-Encoding: chunked\r\nContent-Length: 5", .bothFramings), ("Transfer-Encoding: x\r\nContent-Length: x", .bothFramings),
      ("Content-Length: 5\r\nContent-Length: 6", .repeatedContentLength),
      ("Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
      ("Content-Length: +5", .illFormedContentLength), ("Content-Length: -5", .illFormedContentLength),
      ("Content-Length: 5,5", .illFormedContentLength), ("Content-Length: 5, 5", .illFormedContentLength),
      ("Content-Length: 0x5", .illFormedContentLength), ("Content-Length:", .illFormedContentLength),
      ("Content-Length: 5 5", .illFormedContentLength), ("Content-Length: 5.0", .illFormedContentLength),
      ("Content-Length: 9223372036854775808", .illFormedContentLength), ("Content-Length: 18446744073709551621", .illFormedContentLength),
      ("Content-Length: 00000000000000000005", .illFormedContentLength), ("Content-Length: \u{ff15}", .illFormedContentLength),
      ("Content-Length: 5;", .illFormedContentLength), ("Content-Length: 1e3", .illFormedContentLength),
      ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
      ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
      ("Transfer-Encoding: xchunked", .unknownTransferCoding), ("Transfer-Encoding: identity", .unknownTransferCoding),
      ("Transfer-Encoding: chunked, chunked", .unknownTransferCoding), ("Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
      ("Transfer-Encoding: chunked, identity", .unknownTransferCoding), ("Transfer-Encoding: chunked;q=1", .unknownTransferCoding),
      ("Transfer-Encoding: \"chunked\"", .unknownTransferCoding), ("Transfer-Encoding:", .unknownTransferCoding),
      ("Transfer-Encoding: chunked,", .unknownTransferCoding), ("Transfer-Encoding: chunke", .unknownTransferCoding),
    ])
  func ambiguousFraming(fields: String, fault: FramingFault) {
    let request = post(fields)
    #expect(request.fault == .framing(fault))
    #expect(request.fault?.status == (fault == .unknownTransferCoding ? 501 : 400))
  }

  @Test("Transfer-Encoding in HTTP/1.0 is refused")
  func transferEncodingInOldVersion() {
    #expect(post("Transfer-Encoding: chunked", version: "1.0").fault == .framing(.transferEncodingInOldVersion))
  }

  @Test(
    "A name that a lenient reader might take for a framing field is another name",
    arguments: ["Content_Length", "Transfer-Encodin", "Content-Lengthx"])
  func lookAlikes(name: String) {
    #expect(post("\(name): chunked").head.body == .none)
  }

  @Test("Exactly one Host is needed, in HTTP/1.0 too")
  func hostCount() {
    #expect(parseRequest("GET / HTTP/1.1\r\n\r\n").fault == .missingHost)
    #expect(parseRequest("GET / HTTP/1.0\r\n\r\n").fault == .missingHost)
    #expect(parseRequest("GET http://a/ HTTP/1.1\r\n\r\n").fault == .missingHost)
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").fault == .repeatedHost)
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n").fault == .repeatedHost)
  }

  @Test(
    "A Host that is no host is refused",
    arguments: [
      "", "a b", "a,b", "a/b", "u@a", "a:", "a:x", "a:65536", "a:-1", ":80", "a..b", ".a", ".", "[::1", "[::g]", "a%2eb", "http://a",
      "a\\b", "a?b", "a\tb",
    ])
  func illFormedHost(host: String) {
    #expect(parseRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").fault == .illFormedHost)
  }

  @Test(
    "Hosts in any case, with a final dot, with a port, pass as sent",
    arguments: ["a.B.example.com", "a.example.com.", "a:8443", "[::1]:80", "1.2.3.4", "a_b"])
  func hosts(host: String) {
    let request = parseRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.text(request.head.host) == host)
  }

  @Test(
    "An absolute form is taken apart",
    arguments: [
      ("http://a.example/x?y", "/x", "y"), ("HTTPS://A.example/x", "/x", nil), ("http://a.example", "", nil),
      ("http://a.example?y", "", "y"),
      ("http://a.example/", "/", nil), ("http://a.example//b", "//b", nil), ("http://a.example/u@h", "/u@h", nil),
    ] as [(String, String, String?)])
  func absoluteForm(target: String, path: String, query: String?) {
    let request = parseRequest("GET \(target) HTTP/1.1\r\nHost: a.Example\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.head.targetForm == .absolute)
    #expect(request.text(request.head.path) == path)
    #expect(request.text(request.head.query) == query)
    #expect(request.text(request.head.pathAndQuery) == path + (query.map { "?" + $0 } ?? ""))
    #expect(request.text(request.head.host) == "a.Example")
  }

  @Test(
    "An absolute form that is not about this host over http is refused",
    arguments: [
      ("http://evil.com/patients", RequestFault.hostUnlikeTarget), ("http://a:80/", .hostUnlikeTarget), ("http://aa/", .hostUnlikeTarget),
      ("ftp://a/", .illFormedTarget), ("ws://a/", .illFormedTarget), ("httpx://a/", .illFormedTarget), ("http:/a/", .illFormedTarget),
      ("http://u@a/", .illFormedTarget), ("http://u:p@a/", .illFormedTarget), ("http:///a", .illFormedTarget),
      ("http://", .illFormedTarget),
      ("http://a\\b/", .illFormedTarget), ("a/b", .illFormedTarget), ("a:80", .illFormedTarget), ("*", .illFormedTarget),
      ("?a", .illFormedTarget),
      ("\\evil.com", .illFormedTarget), ("javascript:alert(1)", .illFormedTarget),
    ])
  func foreignAbsoluteForm(target: String, fault: RequestFault) {
    #expect(parseRequest("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").fault == fault)
  }

  @Test("The asterisk is a target of OPTIONS alone")
  func asterisk() {
    let request = parseRequest("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(request.outcome == .complete)
    #expect(request.head.targetForm == .asterisk)
    #expect(request.text(request.head.path) == "*")
    #expect(parseRequest("OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n").fault == .illFormedTarget)
  }

  @Test(
    "Persistence follows the version and Connection",
    arguments: [
      ("1.1", "X: y", true), ("1.1", "Connection: close", false), ("1.1", "Connection: keep-alive, CLOSE", false),
      ("1.1", "Connection: x\r\nConnection: close", false), ("1.1", "Connection: closed", true), ("1.1", "Connection: ,, ,close,", false),
      ("1.0", "X: y", false), ("1.0", "Connection: Keep-Alive", true), ("1.0", "Connection: keep-alive, close", false),
      ("1.0", "Connection: keep-alivex", false),
    ])
  func persistence(version: String, fields: String, keepAlive: Bool) {
    #expect(post(fields, version: version).head.keepAlive == keepAlive)
  }

  @Test(
    "Connection nominates what is neither close nor keep-alive",
    arguments: [
      ("X: y", false), ("Connection: close, keep-alive", false), ("Connection: close, X-Y", true), ("Connection: TE", true),
      ("Connection:", false),
    ])
  func nominations(fields: String, nominates: Bool) {
    #expect(post(fields).head.hasConnectionNominations == nominates)
  }

  @Test("100-continue counts in HTTP/1.1 with a body; another expectation gets 417")
  func expectations() {
    #expect(post("Expect: 100-Continue\r\nContent-Length: 5").head.expectsContinue)
    #expect(post("Expect: 100-continue\r\nTransfer-Encoding: chunked").head.expectsContinue)
    #expect(!post("Expect: 100-continue").head.expectsContinue)
    #expect(!post("Expect: 100-continue\r\nContent-Length: 0").head.expectsContinue)
    #expect(!post("Content-Length: 5").head.expectsContinue)
    #expect(!post("Expect: 100-continue\r\nContent-Length: 5", version: "1.0").head.expectsContinue)
    let request = post("Expect: teapot\r\nContent-Length: 5")
    #expect(request.fault == .unknownExpectation)
    #expect(request.fault?.status == 417)
  }

  @Test("A GET without a body, in HTTP/1.1, that nominates and names exactly websocket, upgrades to it")
  func webSocket() {
    func parse(_ method: String, _ fields: String, version: String = "1.1") -> RequestHead {
      parseRequest("\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\r\n").head
    }
    let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket"
    #expect(parse("GET", upgrade).upgradesToWebSocket)
    #expect(parse("GET", upgrade).wantsUpgrade)
    #expect(!parse("POST", upgrade).upgradesToWebSocket)
    #expect(parse("POST", upgrade).wantsUpgrade)
    #expect(!parse("GET", upgrade, version: "1.0").wantsUpgrade)
    #expect(!parse("GET", upgrade + "\r\nContent-Length: 1").upgradesToWebSocket)
    #expect(!parse("GET", upgrade + "\r\nUpgrade: h2c").upgradesToWebSocket)
    #expect(!parse("GET", "Upgrade: websocket").wantsUpgrade)
    #expect(!parse("GET", "Connection: upgrade").wantsUpgrade)
    for other in ["h2c", "websocket, h2c", "websocket/13", "websocke", ""] {
      #expect(!parse("GET", "Connection: Upgrade\r\nUpgrade: \(other)").upgradesToWebSocket)
    }
  }

  @Test("Fields are found and counted by what they are")
  func lookUp() {
    let request = post("Cookie: a=b\r\nCOOKIE: c=d\r\nX: y")
    #expect(request.text(request.head.firstField(.cookie)?.value) == "a=b")
    #expect(request.head.fieldCount(.cookie) == 2)
    #expect(request.head.firstField(.referer) == nil)
    #expect(request.head.fieldCount(.referer) == 0)
  }
}
