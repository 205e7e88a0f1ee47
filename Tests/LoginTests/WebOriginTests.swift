import Testing

@testable import Login

struct WebOriginTests {
  @Test(
    "scheme, host and port are compared as browsers do",
    arguments: [
      ("https", "App.Example.TEST", "https://app.example.test"), ("https", "app.example.test:443", "https://app.example.test"),
      ("https", "app.example.test.", "https://app.example.test"), ("https", "app.example.test.:443", "https://app.example.test"),
      ("http", "localhost:80", "http://localhost"), ("http", "localhost:08080", "http://localhost:8080"),
      ("http", "localhost:", "http://localhost"),
      ("https", "app.example.test:80", "https://app.example.test:80"), ("http", "[::1]:8080", "http://[::1]:8080"),
      ("http", "[::1]", "http://[::1]"),
    ])
  func normalised(_ scheme: String, _ authority: String, _ text: String) throws {
    let origin = try #require(WebOrigin(scheme: scheme, authority: authority.bytes))
    #expect(origin.description == text)
    #expect(WebOrigin(serialized: text.bytes) == origin)
  }

  @Test(
    "what is no host is none",
    arguments: [
      "", ".", "a b", "a/b", "user@a", "a:b", "a:99999", "a:0", "a:80:80", "a..", ".a", "[::1", "::1", "[]", "a\u{0}", "é", "a:+1", "a,b",
      "a?b", "a#b",
      "a\\b", "[::1]x", String(repeating: "a", count: 400),
    ])
  func refused(_ authority: String) {
    #expect(WebOrigin(scheme: "https", authority: authority.bytes) == nil)
  }

  @Test(
    "what is no http origin is none",
    arguments: [
      "null", "", "https://", "ftp://a", "https:/a", "https://a/", "//a", "https://a b", "https://a, https://a", "https://u@a",
      "httpss://a",
    ])
  func serialized(_ text: String) {
    #expect(WebOrigin(serialized: text.bytes) == nil)
  }
}
