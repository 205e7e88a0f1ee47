import Testing

@testable import Pages

@Suite("Base64")
struct Base64Tests {
  @Test(
    "the vectors of RFC 4648 section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
  }

  @Test("high bytes use the last two letters of the alphabet")
  func highBytes() {
    #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
  }
}
