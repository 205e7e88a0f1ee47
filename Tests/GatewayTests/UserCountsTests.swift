import Testing

@testable import Gateway

@Suite struct UserCountsTests {
  @Test("each user has places of their own, and gets back what was given back")
  func counts() {
    let counts = UserCounts()
    #expect(counts.enter("ann", limit: 2) && counts.enter("ann", limit: 2) && !counts.enter("ann", limit: 2))
    #expect(counts.enter("bob", limit: 2) && counts.most == 2 && counts.users == 2)
    counts.leave("ann")
    #expect(counts.enter("ann", limit: 2) && !counts.enter("ann", limit: 2))
  }

  @Test("users are counted without a limit too, for one that comes later")
  func unlimited() {
    let counts = UserCounts()
    for _ in 0..<5 { #expect(counts.enter("ann", limit: nil)) }
    #expect(!counts.enter("ann", limit: 5) && counts.enter("ann", limit: 6))
  }

  @Test("nobody is remembered who has none")
  func forgotten() {
    let counts = UserCounts()
    #expect(counts.enter("ann", limit: 1))
    counts.leave("ann")
    counts.leave("ann")
    counts.leave("bob")
    #expect(counts.users == 0 && counts.most == 0 && counts.enter("ann", limit: 1))
  }
}
