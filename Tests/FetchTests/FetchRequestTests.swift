import Testing

@testable import Fetch

@Suite struct FetchRequestTests {
  @Test("a GET names its host, and asks for the connection to be closed")
  func get() throws {
    let address = try #require(FetchAddress("http://a.test:81/x?y"))
    let bytes = try #require(FetchRequest(address).bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "GET /x?y HTTP/1.1\r\nHost: a.test:81\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: anteroom\r\nConnection: close\r\n\r\n"
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

  @Test("further fields go as they are, in place of the client's own name")
  func furtherFields() throws {
    var request = FetchRequest(try #require(FetchAddress("http://10.0.0.1:9000/me")))
    request.host = "app.example.com"
    request.fields = [("Cookie", Array("a=b".utf8)), ("User-Agent", [0x4D, 0xE4])]
    let bytes = try #require(request.bytes)
    let expected =
      "GET /me HTTP/1.1\r\nHost: app.example.com\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nConnection: close\r\nCookie: a=b\r\nUser-Agent: M"
    #expect(bytes == Array(expected.utf8) + [0xE4] + Array("\r\n\r\n".utf8))
  }

  @Test(
    "a further field that would end its line, or frame the message, is not sent",
    arguments: [
      ("Cookie", "a\r\nX: y"), ("Cookie", "a\u{0}"), ("Content-Length", "1"), ("HOST", "x"), ("X Y", "z"), ("", "z"), ("X:", "z"),
    ])
  func furtherFieldsAreChecked(_ field: (String, String)) throws {
    var request = FetchRequest(try #require(FetchAddress("http://a.test/")))
    request.fields = [(field.0, Array(field.1.utf8))]
    #expect(request.bytes == nil)
  }
}
