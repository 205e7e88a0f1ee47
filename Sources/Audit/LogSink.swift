import Synchronization

/// One destination of lines, written by the writer's thread in the order in which they were offered. Any thread may offer.
package final class LogSink: Sendable {
  let destination: LogDestination
  let retention: LogRetention
  private let waker: Waker
  private let queue: Mutex<LogQueue>
  private let failing = Atomic(false)
  private let full = Atomic(false)

  init(_ destination: LogDestination, retention: LogRetention, limit: LogQueueLimit, waker: Waker) {
    self.destination = destination
    self.retention = retention
    self.waker = waker
    queue = Mutex(LogQueue(limit: limit))
  }

  /// Queues whole lines, each with its final newline. Never waits for the disk. `lines`: how many newlines `bytes` has.
  /// Returns false, and counts the lines as lost, when the queue is full or the sink has been closed.
  package func offer(_ bytes: [UInt8], lines: Int = 1) -> Bool { offer(bytes.span, lines: lines, day: 0) }

  func offer(_ text: Span<UInt8>, lines: Int, day: Int64) -> Bool {
    if text.isEmpty { return true }
    guard queue.withLock({ $0.offer(text, lines: lines, day: day) }) else {
      full.store(true, ordering: .releasing)
      return false
    }
    waker.wake()
    return true
  }

  /// Whether a line was refused, and nothing has been written since.
  package var isFull: Bool { full.load(ordering: .acquiring) }

  /// Whether the last attempt to write failed.
  package var isFailing: Bool { failing.load(ordering: .acquiring) }

  /// Lines refused or dropped that no notice has told of yet.
  package var lostLines: Int { queue.withLock { $0.lost } }

  /// How it stands at this moment.
  package var status: LogStatus {
    let (lines, bytes, limit, lost) = queue.withLock { ($0.lines, $0.bytes, $0.limit, $0.lostInAll) }
    return LogStatus(
      destination: destination.name, isKept: retention == .keep, isFailing: isFailing, isFull: isFull, lines: lines, bytes: bytes,
      limit: limit, lostLines: lost)
  }

  /// Gives up one use of the sink. When the last user has, nothing more is taken; what is queued is still written, then the file is closed.
  package func close() {
    queue.withLock { $0.release() }
    waker.wake()
  }

  // MARK: For those who open sinks

  func retain() -> Bool { queue.withLock { $0.retain() } }

  // MARK: For the writer's thread

  func takeAll(into taken: inout [LogBlock]) { queue.withLock { $0.takeAll(into: &taken) } }

  func wrote(_ block: inout LogBlock) {
    queue.withLock { $0.wrote(&block) }
    full.store(false, ordering: .releasing)
  }

  func drop(_ taken: [LogBlock], lostLines: Int) { queue.withLock { $0.drop(taken, lostLines: lostLines) } }

  func takeLost() -> Int { queue.withLock { $0.takeLost() } }

  func closeIfEmpty() -> Bool { queue.withLock { $0.closeIfEmpty() } }

  func shut() { queue.withLock { $0.shut() } }

  var isEmpty: Bool { queue.withLock { $0.isEmpty } }

  var isClosed: Bool { queue.withLock { $0.isClosed } }

  func setFailing(_ value: Bool) { failing.store(value, ordering: .releasing) }
}

/// How one destination of lines stands.
package struct LogStatus: Sendable, Equatable {
  /// A path, or `standard error`.
  package let destination: String
  /// Lines that cannot be written wait; else they are dropped.
  package let isKept: Bool
  package let isFailing: Bool
  package let isFull: Bool
  /// Those that wait to be written.
  package let lines: Int
  package let bytes: Int
  package let limit: LogQueueLimit
  /// All that were lost so far.
  package let lostLines: Int
}

/// Wakes the writer's thread: one byte in a pipe, and none while an earlier wake-up is still on its way.
final class Waker: Sendable {
  private let pipe: SystemCalls.Pipe
  private let isPending = Atomic(false)

  init() throws(LogFileError) {
    switch SystemCalls.makePipe() {
    case .success(let pipe): self.pipe = pipe
    case .failure(let code): throw LogFileError(operation: "make the log writer's pipe", path: "", code: code)
    }
  }

  deinit {
    SystemCalls.close(pipe.readEnd)
    SystemCalls.close(pipe.writeEnd)
  }

  var descriptor: Int32 { pipe.readEnd }

  func wake() {
    if !isPending.exchange(true, ordering: .acquiringAndReleasing) { SystemCalls.writeByte(pipe.writeEnd) }
  }

  /// To be called before the queues are looked at: whoever queues something afterwards wakes anew.
  func clear() {
    _ = SystemCalls.readSome(pipe.readEnd)
    _ = isPending.exchange(false, ordering: .acquiringAndReleasing)
  }
}
