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

  /// By the definition, bit by bit.
  private func reference(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    let bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> UInt8(7 - $0)) & 1 } }
    return String(
      stride(from: 0, to: bits.count, by: 6).map { start in
        alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }]
      })
  }

  @Test("every length is written as the definition says, behind what is there, and read back", arguments: 0..<70)
  func lengths(count: Int) {
    let plain = Random.bytes(count)
    var text: [UInt8] = [33]
    Base64URL.append(plain.span, to: &text)
    #expect(text == [33] + [UInt8](reference(plain).utf8))
    #expect(text.count == 1 + Base64URL.characters(count))
    #expect(Base64URL.decode(text.span.extracting(1..<text.count)) == plain)
  }

  @Test("every byte is either of the alphabet or refused, wherever it stands", arguments: 0..<7)
  func everyByte(position: Int) {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for byte in UInt8.min...UInt8.max {
      var text = [UInt8]("AAAAAAAA".utf8)
      text[position] = byte
      let decoded = Base64URL.decode(text.span)
      #expect((decoded != nil) == alphabet.contains(byte))
      if let decoded { #expect(Base64URL.encodeBytes(decoded) == text) }
    }
  }

  @Test("of the last characters only those are taken that leave no bit over")
  func lastCharacters() {
    let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for (value, byte) in alphabet.enumerated() {
      #expect((Base64URL.decode([65, byte].span) != nil) == (value % 16 == 0))
      #expect((Base64URL.decode([65, 65, byte].span) != nil) == (value % 4 == 0))
    }
  }
}
