import Testing

@testable import HTTP

@Suite struct HostPortTests {
  private func split(_ text: String) -> (host: String, port: Int?)? {
    let bytes = [UInt8](text.utf8)
    guard let (host, port) = splitHostPort(bytes.span) else { return nil }
    return (String(decoding: bytes[host], as: UTF8.self), port)
  }

  @Test(
    "Hosts and ports are told apart",
    arguments: [
      ("a", "a", nil), ("au.Example.com", "au.Example.com", nil), ("a.b.", "a.b.", nil), ("a:1", "a", 1), ("a.:65535", "a.", 65535),
      ("1.2.3.4:80", "1.2.3.4", 80), ("[::1]", "[::1]", nil), ("[::]:443", "[::]", 443), ("[fe80::1:2]:1", "[fe80::1:2]", 1),
      ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", nil), ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", nil), ("[1::]", "[1::]", nil),
      ("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", nil), ("a_b~c-d", "a_b~c-d", nil), ("xn--4ca.example", "xn--4ca.example", nil),
    ] as [(String, String, Int?)])
  func wellFormed(text: String, host: String, port: Int?) {
    let result = split(text)
    #expect(result?.host == host)
    #expect(result?.port == port)
  }

  @Test(
    "Junk is no host",
    arguments: [
      "", ":", ":80", ".", "..", ".a", "a..b", "a:", "a:0", "a:65536", "a:123456", "a:8x", "a:+1", "a: 1", "a:1:2", "a b", "a@b", "u:p@b",
      "a/b",
      "a,b", "a%41", "\u{e9}", "a\u{0}", "[", "[]", "[:]", "[:1]", "[1:]", "[:::]", "[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
      "[1:2:3:4:5:6:7::8]x", "[::1]x", "[::1]:", "[::1]:x", "[::12345]", "[::g]", "[fe80::1%25eth0]", "[v1.a]", "[::1.2.3]",
      "[::1.2.3.256]",
      "[::1.2.3.04]", "[1.2.3.4]", "[::1.2.3.4.5]", "[1:2:3:4:5:6:7:1.2.3.4]", "[1:2:3:4:5:6:7:8::]", "::1", "[::1", "::1]",
    ])
  func junk(text: String) {
    #expect(split(text) == nil)
  }

  @Test("A host has at most 255 bytes")
  func length() {
    #expect(split(String(repeating: "a", count: 255)) != nil)
    #expect(split(String(repeating: "a", count: 255) + ":80") != nil)
    #expect(split(String(repeating: "a", count: 256)) == nil)
  }
}
