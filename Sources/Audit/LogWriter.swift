import Config
import Glibc
import Synchronization

/// Writes the lines of all logs on one thread of its own, so that no event loop ever waits for a disk, a pipe or a terminal.
///
/// Lines of a log that cannot be written are dropped and counted; audit records stay queued and are tried again. Both are told once
/// through the notice handler. The thread lives until `drain`.
package final class LogWriter: Sendable {
  private struct State {
    var sinks: [LogSink] = []
    /// Write ends of pipes: a byte says that everything queued has been written; an end without one, that it has not.
    var requests: [Int32] = []
    var notify: (@Sendable (LogNotice) -> Void)?
    /// Set when the thread has ended: whether nothing was left.
    var outcome: Bool?
  }

  private let state = Mutex(State())
  private let waker: Waker
  private let retryPause: Int64
  private let reopenRequested = Atomic(false)
  /// Monotonic milliseconds after which the thread ends even if lines are left.
  private let stopAt = Atomic(Int64.max)

  /// Starts the thread, with all signals blocked in it. `retryPause`: how long after a failed write the next one is tried.
  package init(retryPause: Duration = .seconds(1)) throws(LogFileError) {
    self.retryPause = max(1, Self.milliseconds(retryPause))
    waker = try Waker()
    if let code = SystemCalls.startThread(self) {
      throw LogFileError(operation: "start the log writer's thread", path: "", code: code)
    }
  }

  // MARK: Opening

  /// The sink that `log` or `access_log` names; one for all who name the same place, with the limits of the first.
  /// Throws when the file cannot be opened now.
  package func open(_ log: Config.EventLog, limit: LogQueueLimit = LogQueueLimit()) throws(LogFileError) -> LogSink {
    guard let path = log.path else { return standardError(limit: limit) }
    switch SystemCalls.openForAppending(path, mode: 0o640, followLinks: true) {
    case .success(let descriptor): SystemCalls.close(descriptor)
    case .failure(ENXIO): break  // a named pipe whose reader comes later
    case .failure(let code): throw LogFileError(operation: "open the log file", path: path, code: code)
    }
    return sink(.file(path), .drop, limit)
  }

  /// The sink of standard error.
  package func standardError(limit: LogQueueLimit = LogQueueLimit()) -> LogSink {
    sink(.standardError, .drop, limit)
  }

  func sink(_ destination: LogDestination, _ retention: LogRetention, _ limit: LogQueueLimit) -> LogSink {
    state.withLock { state in
      if let known = state.sinks.first(where: { $0.destination == destination && $0.retention == retention && $0.retain() }) {
        return known
      }
      let sink = LogSink(destination, retention: retention, limit: limit, waker: waker)
      // After the end nothing would write what it takes.
      if state.outcome != nil { sink.shut() } else { state.sinks.append(sink) }
      return sink
    }
  }

  // MARK: Operating

  /// Who hears of lost lines and failing destinations. Called on the writer's thread; must not wait for anything.
  package func onNotice(_ handler: @escaping @Sendable (LogNotice) -> Void) {
    state.withLock { $0.notify = handler }
  }

  /// Opens every file by its path anew before the next line is written (SIGUSR1, after a rotation). A pause after a failure ends.
  package func reopen() {
    reopenRequested.store(true, ordering: .releasing)
    waker.wake()
  }

  /// Writes everything that is queued and ends the thread; waits for that, at most `limit`. True when nothing was left.
  /// Lines offered afterwards are refused.
  package func drain(within limit: Duration) -> Bool {
    let milliseconds = max(0, Self.milliseconds(limit))
    stopAt.store(SystemCalls.monotonicMilliseconds() + milliseconds, ordering: .releasing)
    return flush(within: limit)
  }

  /// Waits until everything queued has been written, at most `limit`. True when it has been.
  func flush(within limit: Duration) -> Bool {
    guard case .success(let pipe) = SystemCalls.makePipe() else { return false }
    defer { SystemCalls.close(pipe.readEnd) }
    // The thread may have ended between the request to stop and this one.
    let outcome = state.withLock { state in
      if state.outcome == nil { state.requests.append(pipe.writeEnd) }
      return state.outcome
    }
    if let outcome {
      SystemCalls.close(pipe.writeEnd)
      return outcome
    }
    waker.wake()
    // The thread's own deadline is the same: a moment more lets its answer arrive.
    let deadline = SystemCalls.monotonicMilliseconds() + max(0, Self.milliseconds(limit)) + 200
    var answer = [SystemCalls.Readiness(descriptor: pipe.readEnd, forWriting: false)]
    while !answer[0].isReady {
      let left = deadline - SystemCalls.monotonicMilliseconds()
      if left <= 0 { return false }
      SystemCalls.wait(&answer, milliseconds: Int32(clamping: left))
    }
    return SystemCalls.readSome(pipe.readEnd) == 1
  }

  /// How each destination stands, the audit trail's first.
  package var status: [LogStatus] {
    let all = state.withLock { $0.sinks }.map(\.status)
    return all.filter(\.isKept) + all.filter { !$0.isKept }
  }

  // MARK: The thread

  /// The thread's whole life: called once, by the thread.
  func run() {
    var files: [SinkFile] = []
    var requests: [Int32] = []
    var awaited: [SystemCalls.Readiness] = []
    while true {
      waker.clear()
      // Read before the sinks are looked at: whatever was offered before a request is then seen before it is answered.
      let stop = stopAt.load(ordering: .acquiring)
      requests += takeRequests()
      adoptSinks(&files)
      if reopenRequested.exchange(false, ordering: .acquiringAndReleasing) {
        for index in files.indices { files[index].reopen() }
      }
      let now = SystemCalls.monotonicMilliseconds()
      let (isProgressing, wroteOnlyKept) = stepAll(&files, now: now)
      let isIdle = !isProgressing && files.allSatisfy(\.isIdle)
      if now >= stop || (isIdle && stop != .max && files.allSatisfy { $0.sink.closeIfEmpty() }) {
        end(&files, requests, isWritten: isIdle)
        return
      }
      if isIdle {
        Self.answer(requests, isWritten: true)
        requests = []
      }
      retireClosed(&files)
      if !isProgressing {
        wait(files, &awaited, now: now, stop: stop)
      } else if wroteOnlyKept, stop == .max, requests.isEmpty, files.allSatisfy({ !$0.hasMore }) {
        // Each round of audit records waits for the disk, and costs as much for one as for thousands: a moment gathers more of them.
        SystemCalls.pause(milliseconds: Self.gatheringMilliseconds)
      }
    }
  }

  private static let gatheringMilliseconds: Int32 = 25

  private func adoptSinks(_ files: inout [SinkFile]) {
    let sinks = state.withLock { $0.sinks }
    for sink in sinks where !files.contains(where: { $0.sink === sink }) {
      // Audit records go first.
      if sink.retention == .keep { files.insert(SinkFile(sink), at: 0) } else { files.append(SinkFile(sink)) }
    }
  }

  private func stepAll(_ files: inout [SinkFile], now: Int64) -> (isProgressing: Bool, onlyKept: Bool) {
    var isProgressing = false
    var onlyKept = true
    var notices: [LogNotice] = []
    for index in files.indices {
      if files[index].step(now: now, retryPause: retryPause, notices: &notices) {
        isProgressing = true
        if files[index].sink.retention != .keep { onlyKept = false }
      }
    }
    if !notices.isEmpty, let notify = state.withLock({ $0.notify }) {
      for notice in notices { notify(notice) }
    }
    return (isProgressing, isProgressing && onlyKept)
  }

  private func retireClosed(_ files: inout [SinkFile]) {
    for index in files.indices.reversed() where files[index].sink.isClosed && files[index].isIdle {
      let sink = files[index].sink
      files[index].closeFile()
      files.remove(at: index)
      state.withLock { state in state.sinks.removeAll { $0 === sink } }
    }
  }

  /// `awaited`: memory for the descriptors, used again each time.
  private func wait(_ files: [SinkFile], _ awaited: inout [SystemCalls.Readiness], now: Int64, stop: Int64) {
    awaited.removeAll(keepingCapacity: true)
    awaited.append(.init(descriptor: waker.descriptor, forWriting: false))
    var until = stop
    for file in files {
      if let descriptor = file.awaitedDescriptor { awaited.append(.init(descriptor: descriptor, forWriting: true)) }
      if let paused = file.pausedUntil { until = min(until, paused) }
    }
    SystemCalls.wait(&awaited, milliseconds: until == .max ? -1 : Int32(clamping: max(0, until - now)))
  }

  private func takeRequests() -> [Int32] {
    state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  private static func answer(_ requests: [Int32], isWritten: Bool) {
    for request in requests {
      if isWritten { SystemCalls.writeByte(request) }
      SystemCalls.close(request)
    }
  }

  private func end(_ files: inout [SinkFile], _ requests: [Int32], isWritten: Bool) {
    for index in files.indices { files[index].closeFile() }
    let (late, outcome) = state.withLock { state in
      for sink in state.sinks { sink.shut() }
      let outcome = isWritten && state.sinks.allSatisfy(\.isEmpty)
      state.outcome = outcome
      state.notify = nil
      defer { state.requests = [] }
      return (state.requests, outcome)
    }
    Self.answer(requests + late, isWritten: outcome)
  }

  static func milliseconds(_ duration: Duration) -> Int64 {
    let parts = duration.components
    return Int64(clamping: Int128(parts.seconds) * 1000 + Int128(parts.attoseconds / 1_000_000_000_000_000))
  }
}
