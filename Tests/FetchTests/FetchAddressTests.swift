import Testing

@testable import Fetch

@Suite struct FetchAddressTests {
  @Test("host, port and target are taken apart")
  func parts() throws {
    let plain = try #require(FetchAddress("https://Login.Example.com/realms/clinic?a=b&c"))
    #expect(plain.isSecure && plain.host == "login.example.com" && plain.port == 443 && plain.authority == "login.example.com")
    #expect(plain.target == "/realms/clinic?a=b&c" && plain.place == "https://login.example.com/realms/clinic")
    let ported = try #require(FetchAddress("HTTP://127.0.0.1:8080"))
    #expect(!ported.isSecure && ported.host == "127.0.0.1" && ported.port == 8080 && ported.authority == "127.0.0.1:8080")
    #expect(ported.target == "/")
    let literal = try #require(FetchAddress("https://[::1]:443?x"))
    #expect(literal.host == "::1" && literal.authority == "[::1]" && literal.target == "/?x")
  }

  @Test(
    "anything else is no address",
    arguments: [
      "", "https", "https:", "https://", "https:///x", "ftp://a.test/", "//a.test/", "a.test", "https:/a.test/", "https://u@a.test/",
      "https://u:p@a.test/", "https://a.test/#x", "https://a.test/ x", "https://a.test/\r\nX: y", "https://a.test/\u{e4}",
      "https://\u{e4}.test/",
      "https://a.test:0/", "https://a.test:65536/", "https://a.test:/", "https://a..test/", "https://a.test./", "https://[::1/",
      "https://::1/",
      "https://a.test\\@b.test/", "https://a.test/<x>", "https://a%2etest/",
    ])
  func refused(_ text: String) { #expect(FetchAddress(text) == nil) }

  @Test("an address is at most 8192 bytes long")
  func length() {
    let base = "https://a.test/"
    #expect(FetchAddress(base + String(repeating: "x", count: 8192 - base.count)) != nil)
    #expect(FetchAddress(base + String(repeating: "x", count: 8193 - base.count)) == nil)
  }
}
