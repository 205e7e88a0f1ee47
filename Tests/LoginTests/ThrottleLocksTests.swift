import Testing

@testable import Login

struct ThrottleLocksTests {
  let now = Fixtures.now

  private func locked() throws -> Throttle {
    var throttle = Fixtures.throttle(account: 2, address: 2)
    for _ in 0..<2 {
      _ = throttle.begin(account: "josé", network: try Fixtures.network(), device: nil, now: now)
      _ = throttle.begin(account: "ann", network: try Fixtures.network(2), device: [1, 2], now: now)
    }
    return throttle
  }

  private func isAllowed(_ throttle: inout Throttle, _ account: String, _ network: UInt8, _ device: [UInt8]?, _ now: Int64) throws -> Bool {
    let decision = throttle.begin(account: account, network: try Fixtures.network(network), device: device, now: now)
    if case .allowed = decision { return true }
    return false
  }

  @Test("locks of accounts, networks and devices survive a restart, and end when they should")
  func survive() throws {
    let bytes = try locked().locks(now: now)
    var after = Fixtures.throttle(account: 2, address: 2)
    #expect(after.restore(locks: bytes, now: now + 10) == true)
    #expect(try !isAllowed(&after, "jose\u{301}", 9, nil, now + 10))
    #expect(try !isAllowed(&after, "other", 1, nil, now + 10))
    #expect(try !isAllowed(&after, "ann", 2, [1, 2], now + 10))
    #expect(try isAllowed(&after, "other", 9, nil, now + 10))
    #expect(try isAllowed(&after, "josé", 1, nil, now + 900))
    #expect(try isAllowed(&after, "ann", 2, [1, 2], now + 900))
  }

  @Test("locks that have ended are neither written nor put back")
  func ended() throws {
    #expect(try locked().locks(now: now + 900) == [1])
    let bytes = try locked().locks(now: now)
    var after = Fixtures.throttle()
    #expect(after.restore(locks: bytes, now: now + 900) == true)
    #expect(after.accounts.buckets.isEmpty)
  }

  @Test("a lock from a wrong clock is cut to one lock's length")
  func farFuture() throws {
    let bytes = try locked().locks(now: now)
    var after = Fixtures.throttle()
    #expect(after.restore(locks: bytes, now: now - 1_000_000) == true)
    #expect(after.accounts.buckets["josé"]?.lockedUntil == now - 1_000_000 + 900)
  }

  @Test("no table grows over its bound")
  func bounded() throws {
    let network = try Fixtures.network()
    var many = Fixtures.throttle(account: 1, address: 1_000, entries: 100)
    for i in 0..<100 { _ = many.begin(account: "u\(i)", network: network, device: nil, now: now) }
    var few = Fixtures.throttle(entries: 10)
    #expect(few.restore(locks: many.locks(now: now), now: now) == true)
    #expect(few.accounts.buckets.count == 10)
  }

  @Test("bytes that are cut, altered in length or of another version are told, and do no harm")
  func unsound() throws {
    let bytes = try locked().locks(now: now)
    for count in 0..<bytes.count {
      var throttle = Fixtures.throttle()
      let isSound = throttle.restore(locks: [UInt8](bytes.prefix(count)), now: now)
      #expect(!isSound || throttle.locks(now: now).count == count)
    }
    var throttle = Fixtures.throttle()
    #expect(throttle.restore(locks: [2] + bytes.dropFirst(), now: now) == false)
    #expect(throttle.restore(locks: [1, 9] + bytes.dropFirst(2), now: now) == false)
    #expect(throttle.restore(locks: bytes + [1], now: now) == false)
  }
}
