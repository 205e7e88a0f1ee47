import Testing

@testable import Session

@Suite struct PendingReturnsTests {
  @Test("an id is 16 random bytes and another each time")
  func ids() throws {
    let returns = PendingReturns(limit: 10)
    let one = try #require(returns.put([1], expires: 200, now: 100))
    let two = try #require(returns.put([1], expires: 200, now: 100))
    #expect(one.count == 16)
    #expect(one != two)
  }

  @Test("expired ones make room, all at once; those that hold are not pushed out")
  func room() throws {
    let returns = PendingReturns(limit: 3)
    let long = try #require(returns.put([1], expires: 500, now: 100))
    for _ in 0..<2 { #expect(returns.put([2], expires: 200, now: 100) != nil) }
    #expect(returns.put([3], expires: 300, now: 199) == nil)
    for _ in 0..<2 { #expect(returns.put([3], expires: 300, now: 200) != nil) }
    #expect(returns.put([3], expires: 300, now: 200) == nil)
    #expect(returns.get(long, now: 499) == [1])
  }
}
