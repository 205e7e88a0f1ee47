import Testing

@testable import Crypto

@Suite struct Base64URLTests {
  @Test(
    "RFC 4648 vectors without padding",
    arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy")])
  func vectors(plain: String, text: String) {
    #expect(Base64URL.encode([UInt8](plain.utf8)) == text)
    #expect(Base64URL.decode(text) == [UInt8](plain.utf8))
  }

  @Test(
    "one encoding for each value: padding, other alphabets, stray bits and impossible lengths are refused",
    arguments: ["Zg==", "Zh", "Zm9", "Z", "a+b/", "a b", "Zm9v\n"])
  func strict(text: String) { #expect(Base64URL.decode(text) == nil) }
}
