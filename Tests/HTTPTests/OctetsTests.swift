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
    let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(isTokenByte(byte) == token.contains(byte))
      #expect(isFieldValueByte(byte) == (byte == 9 || (0x20...0x7E).contains(byte) || byte >= 0x80))
      #expect(hexadecimalValue(byte) == (byte < 0x80 ? UInt8(String(UnicodeScalar(byte)), radix: 16) : nil))
    }
  }
}
