import Testing

@testable import Audit

@Suite struct PlainTextTests {
  private func plain(_ value: [UInt8], least: UInt8 = 0x20, limit: Int = 1024) -> [UInt8]? {
    var out = [UInt8](repeating: 0, count: 2048)
    var position = 5
    var span = out.mutableSpan
    guard FieldEncoding.putPlain(value.span, least: least, limit: limit, &span, &position) else {
      #expect(position == 5)
      return nil
    }
    return Array(out[5..<position])
  }

  @Test("Plain text of every length comes out as it is")
  func lengths() {
    for count in 0..<64 {
      let value = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
      #expect(plain(value) == value)
    }
  }

  @Test("Each byte that needs an escape is found, wherever it stands", arguments: [UInt8(0x20), 0x21])
  func found(least: UInt8) {
    for byte in UInt8.min...UInt8.max {
      let isPlain = byte >= least && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      for count in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17] {
        for index in 0..<count {
          var value = [UInt8](repeating: UInt8(ascii: "~"), count: count)
          value[index] = byte
          #expect(plain(value, least: least) == (isPlain ? value : nil))
        }
      }
    }
  }

  @Test("What may have to be cut is left to others")
  func limit() {
    let value = [UInt8](repeating: 65, count: 100)
    #expect(plain(value, limit: 100 + FieldEncoding.margin) == value)
    #expect(plain(value, limit: 99 + FieldEncoding.margin) == nil)
  }
}
