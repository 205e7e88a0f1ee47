import Testing

@testable import Fetch

@Suite struct FetchRequestTests {
  @Test("a GET names its host, and asks for the connection to be closed")
  func get() throws {
    let address = try #require(FetchAddress("http://a.test:81/x?y"))
    let bytes = try #require(FetchRequest(address).bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "GET /x?y HTTP/1.1\r\nHost: a.test:81\r\nUser-Agent: anteroom\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
  }

  @Test("a form is posted with its type and length")
  func post() throws {
    let request = FetchRequest(try #require(FetchAddress("https://a.test/t")), form: Array("a=b".utf8), authorization: "Basic eA==")
    let text = String(decoding: try #require(request.bytes), as: UTF8.self)
    #expect(text.hasPrefix("POST /t HTTP/1.1\r\nHost: a.test\r\n") && text.hasSuffix("\r\n\r\na=b"))
    #expect(text.contains("\r\nAuthorization: Basic eA==\r\n") && text.contains("\r\nContent-Length: 3\r\n"))
    #expect(text.contains("\r\nContent-Type: application/x-www-form-urlencoded\r\n"))
  }

  @Test(
    "a value with a line break or another byte that is not plain text is not sent", arguments: ["a\r\nX: y", "a\nb", "a\u{0}", "\u{e4}"])
  func injection(_ value: String) throws {
    let address = try #require(FetchAddress("https://a.test/"))
    #expect(FetchRequest(address, authorization: value).bytes == nil)
    #expect(FetchRequest(address, accept: value).bytes == nil)
  }
}
