import Synchronization

/// The refreshes of tokens, and the writes of sessions, that are under way. A refresh token is often good once only: what came in exchange for it
/// must be written before this process ends, or another one reads it.
final class RenewalsUnderWay: Sendable {
  private let count = Atomic<Int>(0)
  private let isPaused = Atomic<Bool>(false)

  /// False while none may begin. Each that has begun ends.
  func begin() -> Bool {
    enter()
    guard !isPaused.load(ordering: .sequentiallyConsistent) else {
      end()
      return false
    }
    return true
  }

  /// For a write, which is never refused.
  func enter() { count.add(1, ordering: .sequentiallyConsistent) }

  func end() { count.subtract(1, ordering: .sequentiallyConsistent) }

  /// Lets none begin from now on.
  func pause() { isPaused.store(true, ordering: .sequentiallyConsistent) }

  func resume() { isPaused.store(false, ordering: .sequentiallyConsistent) }

  var isIdle: Bool { count.load(ordering: .sequentiallyConsistent) == 0 }
}
