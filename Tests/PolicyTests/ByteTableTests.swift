import Testing

@testable import Policy

struct ByteTableTests {
  static let fold = (0...UInt8.max).map(ASCII.lower)

  @Test("finds folded keys, keeps the first of equal ones, and nothing else")
  func lookup() {
    let keys = [("Alpha", 1), ("ALPHA", 2), ("beta", 3), ("", 4)].map { (key: Array($0.0.utf8), value: $0.1) }
    let table = ByteTable(keys, fold: Self.fold)
    func value(_ text: String) -> Int? {
      let bytes = Array("<\(text)>".utf8)
      return table.value(of: bytes.span, in: 1..<bytes.count - 1)
    }
    #expect(value("alpha") == 1)
    #expect(value("BETA") == 3)
    #expect(value("") == nil)
    #expect(value("alphb") == nil)
    #expect(value("bet") == nil)
    #expect(value("betas") == nil)
  }

  @Test("keys of 63 bytes and more are told apart")
  func longKeys() {
    let keys = (60..<80).map { (key: [UInt8](repeating: 0x61, count: $0), value: $0) }
    let table = ByteTable(keys, fold: Self.fold)
    for count in 60..<90 {
      let text = [UInt8](repeating: 0x41, count: count)
      let found = table.value(of: text.span, in: 0..<count)
      #expect(found == (count < 80 ? count : nil))
    }
  }
}
