import Testing

@testable import HTTP

@Suite struct CookiesTests {
  private func cookies(_ text: String) -> [String] {
    let bytes = [UInt8](text.utf8)
    var found: [String] = []
    forEachCookie(in: bytes.span) { name, value in
      found.append(String(decoding: bytes[name], as: UTF8.self) + "|" + String(decoding: bytes[value], as: UTF8.self))
    }
    return found
  }

  @Test(
    "Cookies are found among any junk",
    arguments: [
      ("a=b", ["a|b"]), ("a=b; c=d", ["a|b", "c|d"]), (";;=; =x; a", ["|x", "a|"]), ("", []), (";", []), ("=", []), ("  ", []),
      ("a=b=c;d=\"e f\"", ["a|b=c", "d|\"e f\""]), (" a = b ;\tc=d\t", ["a|b", "c|d"]), ("a=1; a=2; a=3", ["a|1", "a|2", "a|3"]),
      ("a=", ["a|"]), ("\u{e9}=\u{ff11}", ["\u{e9}|\u{ff11}"]), ("a=b,c=d", ["a|b,c=d"]), ("x==", ["x|="]), ("==", ["|="]),
    ])
  func parts(text: String, expected: [String]) {
    #expect(cookies(text) == expected)
  }

  @Test("200 cookies and 8 KB of junk are read through")
  func many() {
    #expect(cookies((1...200).map { "c\($0)=v" }.joined(separator: "; ")).count == 200)
    let junk = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
    forEachCookie(in: junk.span) { name, value in #expect(name.upperBound <= value.lowerBound) }
  }

  @Test(
    "A Cookie value is rewritten without the dropped ones, and left byte for byte where none is dropped",
    arguments: [
      ("a=b;  c=d;", "a=b;  c=d;"), ("gate=x; a=b", "a=b"), ("a=b; gate=x", "a=b"), ("a=b;gate=x;c=d", "a=b; c=d"), ("gate=x", ""),
      ("gate=1; gate=2", ""),
      ("", ""), (";;", ""), ("gate; a=b", "a=b"), (" gate =x; a=b", "a=b"), ("gates=x; agate=y", "gates=x; agate=y"),
      ("=x; gate=y; z", "=x; z"),
    ])
  func rewriting(text: String, expected: String) {
    let bytes = [UInt8](text.utf8)
    var output = [UInt8]("Cookie: ".utf8)
    let appended = appendCookies(of: bytes.span, to: &output) { !bytes[$0].elementsEqual("gate".utf8) }
    #expect(String(decoding: output, as: UTF8.self) == "Cookie: " + expected)
    #expect(appended == !expected.isEmpty)
  }
}
