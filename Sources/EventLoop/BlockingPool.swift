import CLinux
import Glibc
import Synchronization

/// A few threads for what blocks or takes long (name resolution, password hashes, disk flushes), with a bounded queue before them.
package final class BlockingPool: Sendable {
  /// The queue is full.
  package struct Busy: Error {
    package init() {}
  }

  private struct State {
    var queue: [@Sendable () -> Void] = []
    var next = 0
    var isEnding = false

    var waiting: Int { queue.count - next }

    mutating func take() -> (@Sendable () -> Void)? {
      guard next < queue.count else { return nil }
      let work = queue[next]
      next += 1
      if next == queue.count {
        queue.removeAll(keepingCapacity: true)
        next = 0
      } else if next > 1024 {
        queue.removeFirst(next)
        next = 0
      }
      return work
    }
  }

  private let state = Mutex(State())
  private let mostWaiting: Atomic<Int>
  // Counts the work that waits, so that a thread sleeps in `read` until there is some for it.
  private let semaphore: Int32
  private let threads: Mutex<[Thread]>
  // Threads that have not ended yet.
  private let working = Atomic<Int>(0)

  /// - Parameters:
  ///   - threads: how many work at the same time.
  ///   - limit: how much may wait.
  /// - Throws: `SystemError` when threads or descriptors run out.
  package init(name: String, threads count: Int, limit: Int) throws(SystemError) {
    mostWaiting = Atomic(limit)
    semaphore = anteroom_eventfd(1)
    threads = Mutex([])
    guard semaphore >= 0 else { throw SystemError("eventfd", anteroom_errno()) }
    for _ in 0..<count {
      working.add(1, ordering: .sequentiallyConsistent)
      let thread = try Thread(name: name) { [self] in
        work()
        working.subtract(1, ordering: .sequentiallyConsistent)
      }
      threads.withLock { $0.append(thread) }
    }
  }

  /// How much may wait.
  package var limit: Int { mostWaiting.load(ordering: .relaxed) }

  /// How much waits now.
  package var waiting: Int { state.withLock { $0.waiting } }

  /// Sets how much may wait from now on; what waits already stays.
  package func setLimit(_ limit: Int) { mostWaiting.store(limit, ordering: .relaxed) }

  /// Has `work` run on a thread of the pool; false, and it never runs, when the queue is full.
  package func offer(_ work: @escaping @Sendable () -> Void) -> Bool {
    let accepted = state.withLock { state in
      guard !state.isEnding, state.waiting < limit else { return false }
      state.queue.append(work)
      return true
    }
    if accepted { _ = eventfd_write(semaphore, 1) }
    return accepted
  }

  /// The result of `work`, run on a thread of the pool.
  /// - Throws: `Busy` when the queue is full.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Busy) -> Value {
    let result: Value? = await withCheckedContinuation { continuation in
      if !offer({ continuation.resume(returning: work()) }) { continuation.resume(returning: nil) }
    }
    guard let result else { throw Busy() }
    return result
  }

  /// Lets the work that waits finish, takes no more, and waits for the threads to end.
  package func finish() { _ = finish(within: .max) }

  /// As `finish`, but waits for a limited time: a name look-up takes as long as the system's resolver wants. What is not done then goes on
  /// until the process ends.
  /// - Parameter milliseconds: at least 0.
  /// - Returns: whether all of it is done.
  package func finish(within milliseconds: Int64) -> Bool {
    state.withLock { $0.isEnding = true }
    let threads = threads.withLock { list in
      defer { list = [] }
      return list
    }
    for _ in threads { _ = eventfd_write(semaphore, 1) }
    let start = System.monotonicMilliseconds()
    while working.load(ordering: .sequentiallyConsistent) > 0 {
      guard System.monotonicMilliseconds() - start < milliseconds else { return false }
      usleep(2000)
    }
    for thread in threads { thread.join() }
    System.close(semaphore)
    return true
  }

  private func work() {
    while true {
      var value: eventfd_t = 0
      // Safe: blocks until the counter is above zero and takes one; the value itself is not used.
      while unsafe eventfd_read(semaphore, &value) != 0 {}
      guard let work = state.withLock({ $0.take() }) else {
        if state.withLock({ $0.isEnding }) { return }
        continue
      }
      work()
    }
  }
}
