import Testing

@testable import Fetch
@testable import Gateway

@Suite struct CheckRequestTests {
  private let request = CheckRequest(
    subject: .init(method: Array("POST".utf8), target: Array("/a%20b".utf8)), origin: "https://app.test", host: Array("app.test".utf8),
    isSecure: true, client: Array("9.9.9.9, 10.0.0.1".utf8), cookies: Array("a=b".utf8), authorization: Array("Basic x".utf8),
    userAgent: [0x4D, 0xE4], accept: Array("text/html".utf8), acceptLanguage: Array("en".utf8))

  @Test("the checker is told of the request by the usual names, with GET and its own Host")
  func message() throws {
    let bytes = try #require(request.message(to: "https://auth.test/check?x")?.bytes)
    let text = String(decoding: bytes, as: Unicode.ASCII.self)
    #expect(text.hasPrefix("GET /check?x HTTP/1.1\r\nHost: auth.test\r\nAccept: text/html\r\n"))
    for line in [
      "Authorization: Basic x", "Cookie: a=b", "Accept-Language: en", "X-Forwarded-Method: POST", "X-Forwarded-Proto: https",
      "X-Forwarded-Host: app.test", "X-Forwarded-Uri: /a%20b", "X-Forwarded-For: 9.9.9.9, 10.0.0.1", "X-Original-Method: POST",
      "X-Original-URL: https://app.test/a%20b",
    ] { #expect(text.contains("\r\n\(line)\r\n"), "\(line)") }
    var least = request
    (least.cookies, least.authorization, least.userAgent, least.accept, least.acceptLanguage) = ([], nil, nil, nil, nil)
    let plain = String(decoding: try #require(least.message(to: "https://auth.test/check")?.bytes), as: UTF8.self)
    #expect(plain.contains("Accept: */*") && !plain.contains("Cookie") && !plain.contains("Authorization") && !plain.contains("Language"))
  }

  @Test("the address in question can stand in the checker's own, percent-encoded")
  func placeholder() {
    #expect(request.message(to: "https://auth.test/v?uri={url}&y")?.address.target == "/v?uri=https%3A%2F%2Fapp.test%2Fa%2520b&y")
  }

  @Test("what would end a line is not sent")
  func control() {
    var bad = request
    bad.cookies = Array("a=b\r\nX: y".utf8)
    #expect(bad.message(to: "https://auth.test/")?.bytes == nil)
  }

  @Test("each part of the question is part of the key; path and method only where they count")
  func keys() {
    let secret: [UInt8] = [1, 2, 3]
    var others: [CheckRequest] = []
    func change(_ edit: (inout CheckRequest) -> Void) {
      var other = request
      edit(&other)
      others.append(other)
    }
    change { $0.host = Array("b.test".utf8) }
    change { $0.isSecure = false }
    change { $0.client = Array("9.9.9.8".utf8) }
    change { $0.cookies = Array("a=c".utf8) }
    change { $0.cookies = [] }
    change { $0.authorization = nil }
    change { $0.authorization = [] }
    change { $0.userAgent = nil }
    change { $0.accept = Array("*/*".utf8) }
    change { $0.acceptLanguage = nil }
    // Two fields in a row cannot be read as other two.
    change { ($0.authorization, $0.accept) = (Array("Basic xtext/html".utf8), []) }
    for ignores in [true, false] {
      let keys = Set((others + [request]).map { $0.key(secret, ignoresSubject: ignores) })
      #expect(keys.count == others.count + 1)
    }
    var elsewhere = request
    elsewhere.subject.target = Array("/b".utf8)
    var otherwise = request
    otherwise.subject.method = Array("GET".utf8)
    for other in [elsewhere, otherwise] {
      #expect(other.key(secret, ignoresSubject: false) != request.key(secret, ignoresSubject: false))
      #expect(other.key(secret, ignoresSubject: true) == request.key(secret, ignoresSubject: true))
      #expect(other.browser(secret) == request.browser(secret))
    }
    #expect(request.key([9], ignoresSubject: true) != request.key(secret, ignoresSubject: true))
    #expect(others[3].browser(secret) != request.browser(secret) && others[5].browser(secret) != request.browser(secret))
  }
}
