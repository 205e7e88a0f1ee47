import Testing

@testable import Login

struct ThrottleTableTests {
  private func table(capacity: Int = 8) -> ThrottleTable<String> { ThrottleTable(limit: 3, window: 600, lock: 900, capacity: capacity) }

  @Test("a full table drops the oldest buckets that are not locked, and keeps locks")
  func eviction() {
    var table = table()
    for _ in 0..<3 { table.count("locked", now: 0) }
    for i in 0..<100 { table.count("user\(i)", now: 1) }
    #expect(table.buckets.count <= 8)
    #expect(table.lockedUntil("locked", now: 2) == 900)
    #expect(table.buckets["user99"] != nil)
    #expect(table.buckets["user0"] == nil)
  }

  @Test("what was tried again is not the oldest")
  func recency() {
    var table = table()
    for i in 0..<8 { table.count("user\(i)", now: 1) }
    table.count("user0", now: 2)
    table.count("new", now: 3)
    #expect(table.buckets["user0"]?.failures == [1, 2])
    #expect(table.buckets["user1"] == nil)
  }

  @Test("a table full of locks drops the one that ends first")
  func allLocked() {
    var table = table()
    for i in 0..<8 { for _ in 0..<3 { table.count("user\(i)", now: Int64(100 - i)) } }
    table.count("new", now: 101)
    #expect(table.buckets.count == 8)
    #expect(table.buckets["user7"] == nil)
    #expect(table.buckets["user0"] != nil)
  }

  @Test("expired buckets make room first")
  func expired() {
    var table = table()
    table.count("locked", now: 0)
    for i in 0..<7 { table.count("user\(i)", now: Int64(i)) }
    table.count("new", now: 10_000)
    #expect(table.buckets.keys.sorted() == ["new"])
  }

  @Test("a clock that is set back does not make a lock longer")
  func clockBack() {
    var table = table()
    for _ in 0..<3 { table.count("a", now: 1_000_000) }
    #expect(table.lockedUntil("a", now: 500) == 1_400)
    #expect(table.lockedUntil("a", now: 1_399) == 1_400)
    #expect(table.lockedUntil("a", now: 1_400) == nil)
  }

  @Test("the failures of a bucket are bounded by the limit")
  func boundedFailures() {
    var table = table()
    for i in 0..<10_000 {
      if table.lockedUntil("a", now: Int64(i)) == nil { table.count("a", now: Int64(i)) }
      #expect(table.buckets["a", default: .init()].failures.count <= 3)
    }
  }
}
