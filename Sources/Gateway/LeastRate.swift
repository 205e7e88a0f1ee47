/// Holds a peer to a least rate while it is waited for: a body that trickles in, an answer that is hardly taken.
///
/// A credit of milliseconds: waiting spends it, bytes that have moved fill it up. Time in which something else is waited for does not count.
/// What moved is asked for only when the credit seems to be spent, so that a fast peer costs nothing.
struct LeastRate {
  struct Rule: Sendable, Equatable {
    /// 0 for none.
    var bytesPerSecond: Int64
    /// What everybody starts with, in milliseconds.
    var grace: Int64
    /// How long nothing at all may move, and the most that can be saved up; milliseconds.
    var idle: Int64
  }

  private var credit: Int64 = 0
  private var since: Int64 = -1
  private var pausedAt: Int64 = -1
  private var counted: Int64 = 0
  private var seen: Int64 = 0
  private var movedAt: Int64 = 0
  /// The peer was waited for at least once.
  private(set) var hasBegun = false

  /// Whether the peer is being waited for.
  var isWaiting: Bool { since >= 0 }

  /// The peer is waited for, from now on or still.
  /// - Parameters:
  ///   - bytes: what has moved so far, as cheaply as it can be known.
  ///   - origin: what had moved before this transfer began.
  /// - Returns: when `check` is due.
  mutating func wait(_ rule: Rule, now: Int64, bytes: Int64, origin: Int64) -> Int64 {
    if !hasBegun {
      hasBegun = true
      credit = rule.grace
      counted = origin
      seen = bytes
      movedAt = now
    } else if since >= 0 {
      credit -= now - since
    } else {
      movedAt += now - pausedAt
    }
    since = now
    if bytes != seen {
      seen = bytes
      movedAt = now
    }
    return due(rule, now)
  }

  /// Something else is waited for.
  mutating func pause(_ now: Int64) {
    guard since >= 0 else { return }
    credit -= now - since
    since = -1
    pausedAt = now
  }

  /// The time that `wait` or `check` gave has come.
  /// - Parameter bytes: what has really moved so far.
  /// - Returns: when to ask again, or `nil` if the peer is too slow.
  mutating func check(_ rule: Rule, now: Int64, bytes: Int64) -> Int64? {
    guard since >= 0 else { return nil }
    credit -= now - since
    since = now
    if bytes > counted {
      if rule.bytesPerSecond > 0 {
        credit = min(max(rule.grace, rule.idle), credit + (bytes - counted) * 1000 / rule.bytesPerSecond)
      }
      counted = bytes
      movedAt = now
    }
    guard now - movedAt < rule.idle, rule.bytesPerSecond == 0 || credit > 0 else { return nil }
    return due(rule, now)
  }

  private func due(_ rule: Rule, _ now: Int64) -> Int64 {
    let still = movedAt + rule.idle
    return rule.bytesPerSecond == 0 ? still : min(still, now + max(0, credit))
  }
}
