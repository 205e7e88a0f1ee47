import Synchronization

/// How many WebSockets each user of a site has open. Asked when one begins and ends.
///
/// It knows only users who have one now, and so no more of them than there may be connections.
final class UserCounts: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Counts one more; false when the user has `limit` of them already. `nil` for no limit.
  func enter(_ user: String, limit: Int?) -> Bool {
    counts.withLock { counts in
      let count = counts[user, default: 0]
      if let limit, count >= limit { return false }
      counts[user] = count + 1
      return true
    }
  }

  /// Counts one less.
  func leave(_ user: String) {
    counts.withLock { counts in
      guard let count = counts[user] else { return }
      counts[user] = count > 1 ? count - 1 : nil
    }
  }

  /// Of the user who has most.
  var most: Int { counts.withLock { $0.values.max() ?? 0 } }

  /// Users who are remembered.
  var users: Int { counts.withLock { $0.count } }
}
