import Testing

@testable import Session

@Suite struct SessionIDTests {
  @Test("an id is its 16 bytes")
  func bytes() {
    let bytes = (0..<16).map { UInt8($0 * 16) }
    #expect(SessionID(bytes)?.bytes == bytes)
    #expect(SessionID(bytes)?.description == "ABAgMEBQYHCAkKCwwNDg8A")
  }

  @Test("another count of bytes is no id", arguments: [0, 15, 17])
  func otherCounts(count: Int) {
    #expect(SessionID([UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("each random id is another, in both halves")
  func random() {
    let ids = (0..<1000).map { _ in SessionID.random() }
    #expect(Set(ids).count == 1000)
    #expect(Set(ids.map(\.high)).count == 1000)
    #expect(Set(ids.map(\.low)).count == 1000)
  }
}
