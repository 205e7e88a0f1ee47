import Testing

@testable import HTTP

@Suite struct ByteRangeTests {
  @Test("A range tells where it starts and ends")
  func offsets() {
    let range = ByteRange(3, 8)
    #expect(range.start == 3 && range.end == 8 && range.count == 5 && range.range == 3..<8 && !range.isEmpty)
    #expect(ByteRange(4, 4).isEmpty && ByteRange().isEmpty)
  }
}
