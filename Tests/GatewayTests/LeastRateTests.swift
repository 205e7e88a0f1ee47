import Testing

@testable import Gateway

@Suite struct LeastRateTests {
  private let rule = LeastRate.Rule(bytesPerSecond: 500, grace: 20_000, idle: 60_000)

  /// Waits from 0 on while `bytes(time)` have moved by then; the answer is when it was too slow, or `nil` if that was not before `end`.
  private func outcome(_ rule: LeastRate.Rule, until end: Int64, _ bytes: (Int64) -> Int64) -> Int64? {
    var rate = LeastRate()
    var due = rate.wait(rule, now: 0, bytes: bytes(0), origin: 0)
    var checks = 0
    while due < end {
      checks += 1
      guard checks < 10_000 else { return -1 }
      let now = max(due, 1)
      guard let next = rate.check(rule, now: now, bytes: bytes(now)) else { return now }
      due = max(next, now + 1)
    }
    return nil
  }

  @Test("a peer that moves nothing ends with the grace, or with the idle time where that is shorter")
  func still() {
    #expect(outcome(rule, until: 1_000_000) { _ in 0 } == 20_000)
    #expect(outcome(.init(bytesPerSecond: 500, grace: 20_000, idle: 5_000), until: 1_000_000) { _ in 0 } == 5_000)
  }

  @Test("a peer at or above the rate goes on for ever", arguments: [500, 501, 100_000] as [Int64])
  func fast(_ rate: Int64) { #expect(outcome(rule, until: 3_600_000) { $0 * rate / 1000 } == nil) }

  @Test("a peer below the rate ends, the sooner the slower", arguments: [(1, 21_000), (100, 26_000), (250, 41_000)] as [(Int64, Int64)])
  func slow(_ rate: Int64, _ latest: Int64) throws {
    let end = try #require(outcome(rule, until: 3_600_000) { $0 * rate / 1000 })
    #expect(end >= 20_000 && end <= latest, "\(end)")
  }

  @Test("who was fast may stand still for the idle time, and no longer")
  func saved() throws {
    let end = try #require(outcome(rule, until: 3_600_000) { min($0 * 1000, 10_000_000) })
    // All has moved after 10 s, which is known at the first look.
    #expect(end == 80_000)
  }

  @Test("who was fast at first may then trickle for the longer of grace and idle time, not for as long as the bytes would last")
  func cap() throws {
    let end = try #require(outcome(rule, until: 36_000_000) { 10_000_000 + $0 / 1000 })
    #expect(end > 60_000 && end <= 81_000, "\(end)")
  }

  @Test("without a rate only standing still counts")
  func off() throws {
    let none = LeastRate.Rule(bytesPerSecond: 0, grace: 20_000, idle: 60_000)
    #expect(outcome(none, until: 3_600_000) { $0 / 30_000 } == nil)
    #expect(outcome(none, until: 3_600_000) { _ in 0 } == 60_000)
  }

  @Test("time in which something else is waited for does not count")
  func paused() throws {
    var rate = LeastRate()
    #expect(rate.wait(rule, now: 0, bytes: 0, origin: 0) == 20_000)
    rate.pause(5_000)
    #expect(!rate.isWaiting)
    rate.pause(9_000)
    #expect(rate.wait(rule, now: 100_000, bytes: 0, origin: 0) == 115_000)
    #expect(rate.isWaiting)
    #expect(rate.check(rule, now: 115_000, bytes: 0) == nil)
  }

  @Test("looking again without a byte does not give more time")
  func spurious() {
    var rate = LeastRate()
    #expect(rate.wait(rule, now: 0, bytes: 7, origin: 7) == 20_000)
    #expect(rate.wait(rule, now: 15_000, bytes: 7, origin: 7) == 20_000)
    rate.pause(16_000)
    #expect(rate.wait(rule, now: 16_000, bytes: 7, origin: 7) == 20_000)
  }

  @Test("bytes from before the transfer do not count, and what was taken back counts once")
  func origin() throws {
    var rate = LeastRate()
    _ = rate.wait(rule, now: 0, bytes: 1_000_000, origin: 1_000_000)
    #expect(rate.check(rule, now: 20_000, bytes: 1_000_000) == nil)
    rate = LeastRate()
    _ = rate.wait(rule, now: 0, bytes: 5000, origin: 1000)
    #expect(rate.check(rule, now: 19_000, bytes: 500) == 20_000)
    #expect(rate.check(rule, now: 19_500, bytes: 2000) == 22_000)
  }
}
