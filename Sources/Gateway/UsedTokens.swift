import Synchronization

/// Tokens that count once. Bounded: when there are too many, those go first that would soonest have been of no use anyway.
final class UsedTokens: Sendable {
  private static let limit = 10_000
  private let used = Mutex<[String: Int64]>([:])

  /// False for one that was used already, and has not expired since.
  func use(_ identifier: String, until expiry: Int64, now: Int64) -> Bool {
    used.withLock { used in
      if let known = used[identifier], known > now { return false }
      if used.count >= Self.limit {
        used = used.filter { $0.value > now }
        if used.count >= Self.limit, let first = used.min(by: { $0.value < $1.value }) { used[first.key] = nil }
      }
      used[identifier] = expiry
      return true
    }
  }
}
