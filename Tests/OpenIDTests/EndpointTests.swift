import Testing

@testable import OpenID

@Suite struct EndpointTests {
  @Test(
    arguments: [
      "https://a.example", "https://a.example/", "https://a.example:8443/x?y=1", "https://[2001:db8::1]/", "http://localhost:8080/x",
      "http://127.0.0.1/", "http://127.1.2.3:80", "http://[::1]:80/",
    ])
  func takes(_ text: String) { #expect(isEndpoint(text)) }

  @Test(
    arguments: [
      "", "a.example", "//a.example", "HTTPS://a.example", "ftp://a.example", "javascript:alert(1)", "https://", "https:///x",
      "https://:443/",
      "http://a.example/", "http://127.0.0.1.evil.example/", "http://127.0.0/", "http://127.0.0.256/", "http://localhost.evil.example/",
      "http://localhost@evil.example/", "https://user@a.example/", "https://a.example/#x", "https://a.example/ x", "https://a.example/\n",
      "https://a.example\\@evil.example/", "https://é.example/", "https://a.example:0/", "https://a.example:x/", "https://a.example/\"",
    ])
  func refuses(_ text: String) { #expect(!isEndpoint(text)) }

  @Test func refusesLongOnes() {
    let start = "https://a.example/"
    #expect(isEndpoint(start + String(repeating: "a", count: 2048 - start.utf8.count)))
    #expect(!isEndpoint(start + String(repeating: "a", count: 2049 - start.utf8.count)))
  }
}
