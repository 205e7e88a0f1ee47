import CLinux
import Synchronization

/// One event loop as other threads see it: a mailbox with one wake-up, and an executor for async code that shall run on the loop's thread.
package final class LoopHandle: TaskExecutor, SerialExecutor, Sendable {
  enum Message {
    case job(UnownedJob)
    case call(@Sendable (EventLoop) -> Void)
  }

  private struct Mailbox {
    var messages: [Message] = []
    var isClosed = false
  }

  private let mailbox = Mutex(Mailbox())
  private let isSleeping = Atomic<Bool>(false)
  let wakeUp: Int32

  /// - Throws: `SystemError` when no descriptor is left.
  package init() throws(SystemError) {
    wakeUp = anteroom_eventfd(0)
    guard wakeUp >= 0 else { throw SystemError("eventfd", anteroom_errno()) }
  }

  deinit { System.close(wakeUp) }

  /// Has `call` run on the loop's thread, after what was posted before. After the loop has ended it never runs, and what it holds is let go.
  package func post(_ call: @escaping @Sendable (EventLoop) -> Void) { put(.call(call)) }

  package func enqueue(_ job: consuming ExecutorJob) { put(.job(UnownedJob(job))) }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

  private func put(_ message: Message) {
    mailbox.withLock { if !$0.isClosed { $0.messages.append(message) } }
    if isSleeping.exchange(false, ordering: .sequentiallyConsistent) { wake() }
  }

  private func wake() {
    // The counter cannot overflow in practice, and a full one is a wake-up too: the result does not matter.
    _ = eventfd_write(wakeUp, 1)
  }

  /// Takes all that waits, in order, leaving `spare`'s memory for what comes next.
  func takeAll(_ spare: inout [Message]) {
    mailbox.withLock { swap(&$0.messages, &spare) }
  }

  /// Says that the loop is about to sleep; false if something came in meanwhile, and it must not.
  func prepareToSleep() -> Bool {
    isSleeping.store(true, ordering: .sequentiallyConsistent)
    if mailbox.withLock({ $0.messages.isEmpty }) { return true }
    isSleeping.store(false, ordering: .sequentiallyConsistent)
    return false
  }

  /// Nothing will be taken any more: what a call holds learns of it by being let go.
  func close() {
    let left = mailbox.withLock { mailbox in
      mailbox.isClosed = true
      defer { mailbox.messages = [] }
      return mailbox.messages
    }
    _ = consume left
  }

  func wokeUp() { isSleeping.store(false, ordering: .sequentiallyConsistent) }

  func run(_ job: UnownedJob) {
    // Safe: both references are to `self`, which outlives the call; each job is taken from the mailbox, and so run, exactly once.
    unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }
}
