import Testing

@testable import Session

@Suite struct SealedFieldsTests {
  @Test("what was written is read back, to the last byte")
  func roundTrip() {
    var writer = SealedWriter()
    writer.write(UInt8(7))
    writer.write(UInt32(0x0102_0304))
    writer.write(UInt64.max)
    writer.write(Int64(-2))
    writer.write([0, 255])
    writer.write("Zoë")
    writer.write(["", "a"])
    var reader = SealedReader(writer.bytes)
    #expect(reader.readUInt8() == 7)
    #expect(reader.readUInt32() == 0x0102_0304)
    #expect(reader.readUInt64() == .max)
    #expect(reader.readInt64() == -2)
    #expect(reader.readBytes() == [0, 255])
    #expect(reader.readText() == "Zoë")
    #expect(!reader.isAtEnd)
    #expect(reader.readTexts() == ["", "a"])
    #expect(reader.isAtEnd)
  }

  @Test("fields of a fixed length carry none, and what is left is read in one go")
  func fixed() {
    var writer = SealedWriter()
    writer.write(fixed: [1, 2])
    writer.write(fixed: [3, 4, 5])
    #expect(writer.bytes == [1, 2, 3, 4, 5])
    var reader = SealedReader(writer.bytes)
    #expect(reader.readFixed(2) == [1, 2])
    #expect(reader.readFixed(4) == nil)
    #expect(reader.readRest() == [3, 4, 5])
    #expect(reader.isAtEnd)
    #expect(reader.readRest() == [])
    #expect(reader.readFixed(1) == nil)
    #expect(reader.readFixed(-1) == nil)
  }

  @Test("padding goes up to the next multiple of a block, and no further", arguments: [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16)])
  func padding(count: Int, expected: Int) {
    var writer = SealedWriter()
    writer.write(fixed: [UInt8](repeating: 9, count: count))
    writer.pad(to: 8)
    #expect(writer.bytes == [UInt8](repeating: 9, count: count) + [UInt8](repeating: 0, count: expected - count))
  }

  @Test("padding may begin behind a head; room is zeros; a span is written like an array")
  func behindHead() {
    var writer = SealedWriter()
    writer.write(fixed: [1, 2, 3])
    writer.writeRoom(2)
    writer.write([9, 8].span)
    writer.pad(to: 8, from: 5)
    #expect(writer.bytes == [1, 2, 3, 0, 0, 0, 0, 0, 2, 9, 8, 0, 0])
    writer.pad(to: 8, from: 5)
    #expect(writer.bytes.count == 13)
  }

  @Test("two different contents never have one encoding")
  func unambiguous() {
    func encoded(_ a: String, _ b: String) -> [UInt8] {
      var writer = SealedWriter()
      writer.write(a)
      writer.write(b)
      return writer.bytes
    }
    #expect(encoded("ab", "c") != encoded("a", "bc"))
    #expect(encoded("", "a") != encoded("a", ""))
  }

  @Test("numbers are big-endian and lengths take four bytes")
  func layout() {
    var writer = SealedWriter()
    writer.write(UInt32(1))
    writer.write("ab")
    #expect(writer.bytes == [0, 0, 0, 1, 0, 0, 0, 2, 0x61, 0x62])
  }

  @Test("nothing is read beyond the end", arguments: 0..<12)
  func truncated(count: Int) {
    var writer = SealedWriter()
    writer.write([1, 2, 3, 4, 5, 6, 7, 8])
    var bytes = SealedReader(Array(writer.bytes.prefix(count)))
    #expect(bytes.readBytes() == nil)
    var text = SealedReader(Array(writer.bytes.prefix(count)))
    #expect(text.readText() == nil)
    if count < 8 {
      var number = SealedReader(Array(writer.bytes.prefix(count)))
      #expect(number.readUInt64() == nil)
    }
  }

  @Test("a length or count that is a lie is refused before memory is reserved for it")
  func hugeLength() {
    var bytes = SealedReader([0xFF, 0xFF, 0xFF, 0xFF, 1])
    #expect(bytes.readBytes() == nil)
    var texts = SealedReader([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    #expect(texts.readTexts() == nil)
  }

  @Test("more than the maximum, and what is not UTF-8, is refused")
  func limits() {
    var long = SealedReader([0, 0, 0, 3, 1, 2, 3])
    #expect(long.readBytes(maximum: 2) == nil)
    var overlong = SealedReader([0, 0, 0, 2, 0xC0, 0x80])
    #expect(overlong.readText() == nil)
  }
}
