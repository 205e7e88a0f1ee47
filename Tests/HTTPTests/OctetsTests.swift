import Testing

@testable import HTTP

@Suite struct OctetsTests {
  @Test("Text is compared without regard to the case of ASCII letters alone")
  func comparison() {
    func equal(_ a: String, _ b: String) -> Bool { equalIgnoringCase([UInt8](a.utf8).span, b) }
    #expect(equal("AbC-1", "aBc-1"))
    #expect(equal("", ""))
    #expect(!equal("a", "ab"))
    #expect(!equal("a[", "a{"))
    #expect(!equal("a@", "a`"))
    #expect(!equal("\r", "-"))
  }

  @Test("Every byte is in the classes of the grammar, and in no others")
  func classes() {
    let label = Set("-_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(isTokenByte(byte) == token.contains(byte))
      #expect(isLabelByte(byte) == label.contains(byte))
      #expect(isFieldValueByte(byte) == (byte == 9 || (0x20...0x7E).contains(byte) || byte >= 0x80))
      #expect(hexadecimalValue(byte) == (byte < 0x80 ? UInt8(String(UnicodeScalar(byte)), radix: 16) : nil))
    }
  }

  @Test("Equal bytes are equal at every length, and one that differs is seen at every place")
  func equality() {
    func same(_ a: [UInt8], _ b: [UInt8]) -> Bool { isEqual(a, b.span) }
    func number(_ bytes: [UInt8]) -> UInt64 { hash(bytes.span) }
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8($0) }
      #expect(same(bytes, Array(bytes)) && number(bytes) == number(Array(bytes)))
      #expect(!same(bytes, bytes + [0]) && !same(bytes + [0], bytes))
      for place in bytes.indices {
        var other = bytes
        other[place] ^= 0x80
        #expect(!same(bytes, other) && !same(other, bytes) && number(bytes) != number(other))
      }
    }
  }
}
