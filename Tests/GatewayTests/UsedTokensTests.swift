import Testing

@testable import Gateway

@Suite struct UsedTokensTests {
  @Test("a token counts once until it expires")
  func once() {
    let used = UsedTokens()
    #expect(used.use("a", until: 100, now: 0))
    #expect(!used.use("a", until: 100, now: 99))
    #expect(used.use("b", until: 100, now: 0))
    #expect(used.use("a", until: 200, now: 100))
  }

  @Test("however many there are, no more than a bound are remembered, and those that expire first are forgotten first")
  func bound() {
    let used = UsedTokens()
    for number in 0..<10_001 { #expect(used.use("t\(number)", until: Int64(1_000 + number), now: 0)) }
    #expect(used.use("t0", until: 1_000, now: 0), "the first to expire made room")
    #expect(!used.use("t10000", until: 1_000, now: 0))
  }
}
