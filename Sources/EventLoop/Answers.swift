import CLinux
import Glibc
import Synchronization

/// What several threads are asked at the same time, for one that waits for their answers.
package final class Answers<Value: Sendable>: Sendable {
  private let values: Mutex<[Value?]>
  // Counts the answers that the waiting thread has not seen.
  private let arrived: Int32

  /// - Parameter count: how many are asked.
  /// - Throws: `SystemError` when no descriptor is left.
  package init(count: Int) throws(SystemError) {
    values = Mutex([Value?](repeating: nil, count: count))
    arrived = anteroom_eventfd(0)
    guard arrived >= 0 else { throw SystemError("eventfd", anteroom_errno()) }
  }

  deinit { System.close(arrived) }

  /// The answer of number `index`; one that comes too late does no harm.
  package func put(_ value: Value, from index: Int) {
    values.withLock { $0[index] = value }
    _ = eventfd_write(arrived, 1)
  }

  /// All answers, `nil` for those that have not come within `milliseconds`. For one thread, once.
  package func wait(milliseconds: Int64) -> [Value?] {
    let deadline = System.monotonicMilliseconds() + milliseconds
    while values.withLock({ $0.contains { $0 == nil } }) {
      let left = deadline - System.monotonicMilliseconds()
      guard left > 0 else { break }
      System.waitUntilReadable(arrived, milliseconds: left)
      var count: eventfd_t = 0
      // Safe: eventfd_read writes the counter into our own variable; the loop looks at the answers themselves.
      _ = unsafe eventfd_read(arrived, &count)
    }
    return values.withLock { $0 }
  }
}
