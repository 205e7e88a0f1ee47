/// Buckets of one kind, with a bound on how many are remembered.
struct ThrottleTable<Key: Hashable & Sendable>: Sendable {
  struct Bucket: Sendable {
    /// Times of the failures that count, oldest first; at most `limit`.
    var failures: [Int64] = []
    /// 0 if it is not locked.
    var lockedUntil: Int64 = 0
    /// Grows with every attempt, over the whole table: the smallest is the oldest.
    var turn: UInt64 = 0
  }

  private(set) var limit = 1
  private(set) var window: Int64 = 1
  private(set) var lock: Int64 = 1
  private(set) var capacity = 1
  private(set) var buckets: [Key: Bucket] = [:]
  private var turn: UInt64 = 0

  init(limit: Int, window: Int64, lock: Int64, capacity: Int) {
    set(limit: limit, window: window, lock: lock, capacity: capacity)
  }

  /// Takes other limits, and keeps what has been counted. A lock that is longer than locks are now is cut when it is asked for.
  mutating func set(limit: Int, window: Int64, lock: Int64, capacity: Int) {
    self.limit = max(1, limit)
    self.window = max(1, window)
    self.lock = max(1, lock)
    self.capacity = max(1, capacity)
  }

  /// Until when `key` is locked; `nil` if it is not.
  mutating func lockedUntil(_ key: Key, now: Int64) -> Int64? {
    guard var bucket = buckets[key], bucket.lockedUntil != 0 else { return nil }
    guard bucket.lockedUntil > now else {
      buckets[key] = nil
      return nil
    }
    // A clock that was set back must not make a lock last longer than locks do.
    if bucket.lockedUntil > now + lock {
      bucket.lockedUntil = now + lock
      buckets[key] = bucket
    }
    return bucket.lockedUntil
  }

  /// Counts an attempt as failed; the one that reaches the limit locks the bucket for those after it.
  mutating func count(_ key: Key, now: Int64) {
    if buckets[key] == nil, buckets.count >= capacity { makeRoom(now: now) }
    turn += 1
    var bucket = buckets[key] ?? Bucket()
    bucket.failures.removeAll { $0 <= now - window || $0 > now }
    bucket.failures.append(now)
    bucket.turn = turn
    if bucket.failures.count >= limit { bucket.lockedUntil = now + lock }
    buckets[key] = bucket
  }

  /// Forgets the attempt that was counted at `time`, and the lock if it stood on that attempt.
  mutating func takeBack(_ key: Key, at time: Int64) {
    guard var bucket = buckets[key], let index = bucket.failures.lastIndex(of: time) else { return }
    bucket.failures.remove(at: index)
    if bucket.failures.count < limit { bucket.lockedUntil = 0 }
    buckets[key] = bucket.failures.isEmpty && bucket.lockedUntil == 0 ? nil : bucket
  }

  mutating func clear(_ key: Key) { buckets[key] = nil }

  /// Puts back a lock from before a restart.
  mutating func restore(_ key: Key, lockedUntil: Int64, now: Int64) {
    guard lockedUntil > now, buckets[key] != nil || buckets.count < capacity else { return }
    turn += 1
    var bucket = buckets[key] ?? Bucket()
    bucket.lockedUntil = max(bucket.lockedUntil, min(lockedUntil, now + lock))
    bucket.turn = turn
    buckets[key] = bucket
  }

  /// Drops what has expired, then the oldest buckets that are not locked, then the locks that end first, until a sixteenth is free:
  /// the work of one sweep is spread over as many attempts.
  private mutating func makeRoom(now: Int64) {
    buckets = buckets.filter { $0.value.lockedUntil > now || $0.value.failures.contains { $0 > now - window } }
    let excess = buckets.count - (capacity - max(1, capacity / 16))
    guard excess > 0 else { return }
    let order = buckets.map { (key: $0.key, until: $0.value.lockedUntil > now ? $0.value.lockedUntil : 0, turn: $0.value.turn) }
      .sorted { ($0.until, $0.turn) < ($1.until, $1.turn) }
    for entry in order.prefix(excess) { buckets[entry.key] = nil }
  }
}
