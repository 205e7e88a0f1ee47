import Testing

@testable import Gateway

@Suite struct RequestIDTests {
  @Test(
    "an id is 16 hexadecimal digits, with the zeros in front",
    arguments: [(0, "0000000000000000"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"), (.max, "ffffffffffffffff")] as [(UInt64, String)])
  func digits(number: UInt64, text: String) {
    let id = RequestID(number)
    #expect(id.text == text)
    #expect(id.digits.indices.map { id.digits[$0] } == [UInt8](text.utf8))
  }
}
