import Testing

@testable import Session

@Suite struct PendingReturnsTests {
  @Test("an id is 16 random bytes and another each time")
  func ids() throws {
    let returns = PendingReturns(limit: 10)
    let one = try #require(returns.put([1], from: [1], expires: 200, now: 100))
    let two = try #require(returns.put([1], from: [1], expires: 200, now: 100))
    #expect(one.count == 16)
    #expect(one != two)
    #expect(returns.get(one, now: 100) == [1])
  }

  @Test("where none may be kept none is")
  func none() {
    #expect(PendingReturns(limit: 0).put([1], from: [1], expires: 200, now: 100) == nil)
  }
}
