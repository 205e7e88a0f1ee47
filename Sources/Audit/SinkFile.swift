import Glibc

/// The writer thread's side of one sink: the open file, the batch under way, and what to do when writing fails.
struct SinkFile {
  let sink: LogSink
  /// Monotonic milliseconds before which nothing is tried.
  private(set) var pausedUntil: Int64?
  /// A pipe, terminal or socket that must take bytes again first.
  private(set) var awaitedDescriptor: Int32?

  private var descriptor: Int32?
  private var openDay: Int64 = 0
  private var isRegular = false
  /// The file's last line was cut short and its rest will not come: a newline keeps the next line apart from it.
  private var isTorn = false
  /// What was taken from the sink, the last one first.
  private var taken: [LogBlock] = []
  private var batch = LogBatch()

  /// What a pipe or terminal that polls as writable takes without holding the thread (PIPE_BUF).
  private static let streamSize = 4096
  /// For a stream that polls as writable and yet takes nothing.
  private static let againPause: Int64 = 50

  private struct Failure: Error {
    var code: Int32
    /// The open file is of no more use, as after an error of the device.
    var reopens = false
  }

  init(_ sink: LogSink) { self.sink = sink }

  var isIdle: Bool { batch.isEmpty && taken.isEmpty && sink.isEmpty }

  /// Writes one batch, or a part of it. False when there is nothing to do now.
  mutating func step(now: Int64, retryPause: Int64, notices: inout [LogNotice]) -> Bool {
    awaitedDescriptor = nil
    if let until = pausedUntil {
      if now < until { return false }
      pausedUntil = nil
    }
    guard loadBatch() else { return false }
    do throws(Failure) {
      let target = try openTarget()
      if try !write(to: target) { return false }
      try finishBatch(target, &notices)
      return true
    } catch {
      fail(error, now: now, retryPause: retryPause, &notices)
      return false
    }
  }

  /// Lets go of the file, so that the next line goes to whatever the path names by then.
  mutating func reopen() {
    pausedUntil = nil
    if sink.destination != .standardError { closeFile() }
  }

  /// Whether blocks wait here that were taken out of the queue already.
  var hasMore: Bool { !taken.isEmpty }

  mutating func closeFile() {
    guard let open = descriptor else { return }
    descriptor = nil
    isTorn = false
    batch.rewindToLineStart()
    if sink.destination != .standardError { SystemCalls.close(open) }
  }

  // MARK: Steps

  private mutating func loadBatch() -> Bool {
    if !batch.isEmpty { return true }
    if taken.isEmpty {
      sink.takeAll(into: &taken)
      taken.reverse()
    }
    guard let block = taken.popLast() else { return false }
    batch = LogBatch(block)
    return true
  }

  private mutating func openTarget() throws(Failure) -> Int32 {
    let day = batch.block.day
    if let descriptor, day == openDay { return descriptor }
    closeFile()
    openDay = day
    guard let path = sink.destination.path(day: day) else {
      descriptor = STDERR_FILENO
      isRegular = SystemCalls.isRegularFile(STDERR_FILENO)
      return STDERR_FILENO
    }
    var isDaily = false
    if case .daily(let directory) = sink.destination {
      isDaily = true
      if let code = SystemCalls.makeDirectory(directory, mode: 0o700) { throw Failure(code: code) }
    }
    isTorn = SystemCalls.endsInsideLine(path)
    switch SystemCalls.openForAppending(path, mode: isDaily ? 0o600 : 0o640, followLinks: !isDaily) {
    case .failure(let code): throw Failure(code: code)
    case .success(let opened):
      descriptor = opened
      isRegular = SystemCalls.isRegularFile(opened)
      if case .daily(let directory) = sink.destination { SystemCalls.synchronizeDirectory(directory) }
      return opened
    }
  }

  /// False when the rest has to wait until a stream takes bytes again.
  private mutating func write(to target: Int32) throws(Failure) -> Bool {
    while isTorn || !batch.isFinished {
      if !isRegular {
        var readiness = [SystemCalls.Readiness(descriptor: target, forWriting: true)]
        SystemCalls.wait(&readiness, milliseconds: 0)
        guard readiness[0].isReady else {
          awaitedDescriptor = target
          return false
        }
      }
      if isTorn {
        _ = try write(target, [UInt8(ascii: "\n")], 0..<1)
        isTorn = false
        continue
      }
      let rest = batch.rest
      batch.wrote(try write(target, batch.bytes, isRegular ? rest : Self.piece(of: rest, batch.bytes)))
    }
    return true
  }

  /// What a stream takes at once: whole lines, as far as they fit. Another process may write into the same stream between two pieces.
  private static func piece(of rest: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    let piece = rest.prefix(streamSize)
    guard piece.upperBound < rest.upperBound, let end = bytes[piece].lastIndex(of: UInt8(ascii: "\n")) else { return piece }
    return piece.lowerBound..<end + 1
  }

  private func write(_ target: Int32, _ bytes: [UInt8], _ range: Range<Int>) throws(Failure) -> Int {
    switch SystemCalls.write(target, bytes, range) {
    case .success(0): throw Failure(code: EIO)
    case .success(let count): return count
    case .failure(let code): throw Failure(code: code, reopens: ![ENOSPC, EDQUOT, EFBIG, EAGAIN].contains(code))
    }
  }

  private mutating func finishBatch(_ target: Int32, _ notices: inout [LogNotice]) throws(Failure) {
    if sink.retention == .keep, isRegular, let code = SystemCalls.synchronizeData(target) {
      // After a failed flush the kernel forgets which pages it could not write: only writing all of it again is sure.
      batch.rewind()
      throw Failure(code: code, reopens: true)
    }
    batch.finish(sink)
    if sink.isFailing {
      sink.setFailing(false)
      notices.append(.recovered(destination: sink.destination.name))
    }
    let lost = sink.takeLost()
    if lost > 0 { notices.append(.lost(destination: sink.destination.name, lines: lost)) }
  }

  private mutating func fail(_ failure: Failure, now: Int64, retryPause: Int64, _ notices: inout [LogNotice]) {
    if failure.code == EAGAIN {
      pausedUntil = now + Self.againPause
      return
    }
    pausedUntil = now + retryPause
    if sink.retention == .drop { dropEverything() }
    if failure.reopens { closeFile() }
    guard !sink.isFailing else { return }
    sink.setFailing(true)
    notices.append(
      .failing(
        destination: sink.destination.name, reason: SystemCalls.text(ofError: failure.code), kept: sink.retention == .keep))
  }

  private mutating func dropEverything() {
    isTorn = isTorn || batch.endsInsideLine
    sink.drop(taken + [batch.block], lostLines: taken.reduce(batch.unwrittenLines) { $0 + $1.lines })
    batch = LogBatch()
    taken = []
  }
}

extension Range<Int> {
  fileprivate func prefix(_ length: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + length) }
}
