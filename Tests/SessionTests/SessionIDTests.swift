import Testing

@testable import Session

@Suite struct SessionIDTests {
  @Test("an id is its 16 bytes, the higher half first")
  func bytes() {
    #expect(SessionID(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F).bytes == (0..<16).map { UInt8($0) })
  }

  @Test("each random id is another, in both halves")
  func random() {
    let ids = (0..<1000).map { _ in SessionID.random() }
    #expect(Set(ids).count == 1000)
    #expect(Set(ids.map(\.high)).count == 1000)
    #expect(Set(ids.map(\.low)).count == 1000)
  }
}
