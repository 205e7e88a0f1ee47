import Login
import Testing

@testable import Gateway

@Suite struct StrangerCountsTests {
  @Test("beyond the limit of a window a network pauses until its end, and others do not")
  func pauses() throws {
    var counts = StrangerCounts(limit: 2, window: 60)
    let (one, other) = (try #require(ClientNetwork(text: "192.0.2.1")), try #require(ClientNetwork(text: "192.0.2.2")))
    for now in [Int64(1_000_000), 1_000_010] {
      #expect(counts.pause(one, now: now) == nil)
      counts.count(one, now: now)
    }
    #expect(counts.pause(one, now: 1_000_020) == 40)
    #expect(counts.pause(other, now: 1_000_020) == nil)
    #expect(counts.pause(one, now: 1_000_060) == nil)
  }

  @Test("a clock that is set back begins a new window")
  func back() throws {
    var counts = StrangerCounts(limit: 1, window: 60)
    let one = try #require(ClientNetwork(text: "192.0.2.1"))
    counts.count(one, now: 1_000_000)
    #expect(counts.pause(one, now: 1_000_001) != nil)
    #expect(counts.pause(one, now: 900_000) == nil)
  }

  @Test("networks that there is no room for share one count")
  func bounded() throws {
    var counts = StrangerCounts(limit: 3, window: 60)
    for number in 0..<10_003 {
      counts.count(try #require(ClientNetwork(text: "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")), now: 1_000_000)
    }
    #expect(counts.pause(try #require(ClientNetwork(text: "192.0.2.9")), now: 1_000_000) != nil)
    #expect(counts.pause(try #require(ClientNetwork(text: "10.0.0.1")), now: 1_000_000) == nil)
  }
}
