import Testing

@testable import HTTP

@Suite struct WordsTests {
  @Test("The first byte of a kind is found at every place, whatever stands beside it")
  func marks() {
    for place in 0..<8 {
      for filler in [UInt8(0x21), 0x7E, 0xFF, 0x80] {
        for byte in UInt8.min...0x1F {
          var bytes = [UInt8](repeating: filler, count: 8)
          bytes[place] = byte
          if place < 7 { bytes[place + 1] = 0x20 }
          #expect(Word.firstIndex(Word.bytes(below: 0x20, in: Word.load(bytes.span, 0))) == place)
          #expect(Word.firstIndex(Word.bytes(equalTo: byte, in: Word.load(bytes.span, 0))) == place)
        }
        let clean = [UInt8](repeating: filler, count: 8)
        #expect(Word.bytes(below: 0x20, in: Word.load(clean.span, 0)) == 0)
      }
    }
  }

  @Test("What stands before the first mark is masked out whole, and each byte is where it was")
  func masks() {
    let bytes = [UInt8](0xA1...0xA8)
    let word = Word.leading(bytes.span)
    for place in 0..<8 {
      let marks = Word.bytes(equalTo: bytes[place], in: word)
      #expect(word & Word.bytesBefore(marks) == Word.load(bytes.span, 0, count: place))
    }
  }

  @Test("A part of a word is the same at the end of the bytes and in their middle")
  func parts() {
    let bytes = [UInt8](1...20)
    for start in 0..<20 {
      for count in 0...min(8, 20 - start) {
        let short = [UInt8](bytes[start..<start + count])
        #expect(Word.load(bytes.span, start, count: count) == Word.load(short.span, 0, count: count))
      }
    }
  }

  @Test("A byte is found only inside the range asked for")
  func offsets() {
    let bytes = [UInt8]("aaaaaaaaaaaaaaaaaaaa,".utf8)
    #expect(Word.firstOffset(of: 0x2C, in: bytes.span, 0..<21) == 20)
    #expect(Word.firstOffset(of: 0x2C, in: bytes.span, 0..<20) == nil)
    #expect(Word.firstOffset(of: 0x61, in: bytes.span, 5..<6) == 5)
    #expect(Word.firstOffset(of: 0x61, in: bytes.span, 5..<5) == nil)
  }
}
