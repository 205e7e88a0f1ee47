import Testing

@testable import Login

struct ByteFieldsTests {
  @Test("what is written is read, and not a byte more")
  func roundTrip() {
    var writer = ByteFieldWriter()
    writer.put(byte: 7)
    writer.put(Int64.min + 1)
    writer.put("é")
    writer.put(fixed: [1, 2])
    var reader = ByteFieldReader(writer.bytes)
    #expect(reader.byte() == 7)
    #expect(reader.number() == Int64.min + 1)
    #expect(reader.field(maximum: 2) == [0xC3, 0xA9])
    #expect(reader.fixed(2) == [1, 2])
    #expect(reader.remaining == 0)
    #expect(reader.byte() == nil)
    #expect(reader.number() == nil)
    #expect(reader.fixed(1) == nil)
  }

  @Test("two different contents never have one encoding")
  func unambiguous() {
    func encoded(_ a: String, _ b: String) -> [UInt8] {
      var writer = ByteFieldWriter()
      writer.put(a)
      writer.put(b)
      return writer.bytes
    }
    #expect(encoded("ab", "c") != encoded("a", "bc"))
    #expect(encoded("", "a") != encoded("a", ""))
  }

  @Test("a field longer than allowed, or than what is left, is none")
  func bounds() {
    var writer = ByteFieldWriter()
    writer.put("abc")
    var short = ByteFieldReader(writer.bytes)
    #expect(short.field(maximum: 2) == nil)
    var cut = ByteFieldReader([UInt8](writer.bytes.dropLast()))
    #expect(cut.field(maximum: 10) == nil)
  }
}
