import CLinux
import Synchronization

/// One event loop as other threads see it: a mailbox with one wake-up, and an executor for async code that shall run on the loop's thread.
package final class LoopHandle: TaskExecutor, SerialExecutor, Sendable {
  enum Message {
    case job(UnownedJob)
    case call(@Sendable (EventLoop) -> Void)
  }

  private let mailbox = Mutex<[Message]>([])
  private let isSleeping = Atomic<Bool>(false)
  let wakeUp: Int32

  /// - Throws: `SystemError` when no descriptor is left.
  package init() throws(SystemError) {
    wakeUp = anteroom_eventfd(0)
    guard wakeUp >= 0 else { throw SystemError("eventfd", anteroom_errno()) }
  }

  deinit { System.close(wakeUp) }

  /// Has `call` run on the loop's thread, after what was posted before. After the loop has ended it never runs.
  package func post(_ call: @escaping @Sendable (EventLoop) -> Void) { put(.call(call)) }

  package func enqueue(_ job: consuming ExecutorJob) { put(.job(UnownedJob(job))) }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

  private func put(_ message: Message) {
    mailbox.withLock { $0.append(message) }
    if isSleeping.exchange(false, ordering: .sequentiallyConsistent) { wake() }
  }

  private func wake() {
    // The counter cannot overflow in practice, and a full one is a wake-up too: the result does not matter.
    _ = eventfd_write(wakeUp, 1)
  }

  /// Takes all that waits, in order, leaving `spare`'s memory for what comes next.
  func takeAll(_ spare: inout [Message]) {
    mailbox.withLock { swap(&$0, &spare) }
  }

  /// Says that the loop is about to sleep; false if something came in meanwhile, and it must not.
  func prepareToSleep() -> Bool {
    isSleeping.store(true, ordering: .sequentiallyConsistent)
    if mailbox.withLock({ $0.isEmpty }) { return true }
    isSleeping.store(false, ordering: .sequentiallyConsistent)
    return false
  }

  func wokeUp() { isSleeping.store(false, ordering: .sequentiallyConsistent) }

  func run(_ job: UnownedJob) {
    // Safe: both references are to `self`, which outlives the call; each job is taken from the mailbox, and so run, exactly once.
    unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }
}
