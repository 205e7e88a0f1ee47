/// What was received and not yet used: `bytes[start..<end]` of an array that is lent by the loop only while there is data.
package struct InputBuffer {
  /// Empty while nothing is lent.
  package fileprivate(set) var bytes: [UInt8] = []
  package fileprivate(set) var start = 0
  package fileprivate(set) var end = 0

  package var count: Int { end - start }
  package var isEmpty: Bool { start == end }
  package var range: Range<Int> { start..<end }
  /// Whether not even compaction would make room for another byte.
  package var isFull: Bool { !bytes.isEmpty && end - start == bytes.count }

  /// Passes over the first `count` bytes.
  package mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= end - start)
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  fileprivate mutating func makeRoom() {
    guard end == bytes.count, start > 0 else { return }
    for index in start..<end { bytes[index - start] = bytes[index] }
    end -= start
    start = 0
  }

  fileprivate mutating func receive(_ descriptor: Int32) -> Transfer {
    let result = System.receive(descriptor, into: &bytes, from: end)
    if case .moved(let count) = result { end += count }
    return result
  }
}

/// Arrays for input and output that connections share, as only few of them have data at a time.
package struct BufferPool {
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []
  private let inputCount: Int
  private static let kept = 256
  private static let largestOutput = 128 << 10

  init(inputCount: Int) { self.inputCount = inputCount }

  fileprivate mutating func takeInput() -> [UInt8] {
    inputs.popLast() ?? [UInt8](repeating: 0, count: inputCount)
  }

  fileprivate mutating func giveBackInput(_ bytes: consuming [UInt8]) {
    if inputs.count < Self.kept { inputs.append(bytes) }
  }

  fileprivate mutating func takeOutput() -> [UInt8] {
    outputs.popLast() ?? []
  }

  fileprivate mutating func giveBackOutput(_ bytes: consuming [UInt8]) {
    guard outputs.count < Self.kept, bytes.capacity <= Self.largestOutput else { return }
    bytes.removeAll(keepingCapacity: true)
    outputs.append(bytes)
  }
}

/// A stream socket on a loop with what was received from it and what waits to be sent.
open class Channel: Pollable {
  /// Closed by `close`, and not before.
  package final let descriptor: Int32
  package final unowned let loop: EventLoop
  package final var input = InputBuffer()
  /// What waits to be sent, from `outputSent` on.
  package final var output: [UInt8] = []
  package private(set) final var outputSent = 0
  /// The kernel may have more for us. The first event after registration tells of what came before it.
  package final var canRead = false
  /// The kernel may take more from us.
  package final var canWrite = true
  // The kernel has said that the peer will send no more, or that the connection failed.
  private final var peerIsDone = false
  /// The peer has sent its last byte, and it was read.
  package private(set) final var sawEnd = false
  /// `errno` of what ended the connection; 0 while it stands.
  package private(set) final var failure: Int32 = 0
  // Not so after a failed send: what the peer said before it reset the connection can still be received.
  private final var receiveFailed = false
  package private(set) final var isClosed = false
  /// All that was received and sent.
  package private(set) final var bytesIn: Int64 = 0
  package private(set) final var bytesOut: Int64 = 0

  /// - Parameter descriptor: a non-blocking socket that now belongs to the channel.
  package init(descriptor: Int32, loop: EventLoop) {
    self.descriptor = descriptor
    self.loop = loop
    super.init()
  }

  /// What `fill` came to.
  package enum Fill {
    case received
    case wouldBlock
    case full
    case ended
  }

  /// Receives once into `input`. `ended` also when the connection failed; `failure` tells.
  package final func fill() -> Fill {
    guard canRead, !sawEnd, !receiveFailed, !isClosed else { return sawEnd || receiveFailed || isClosed ? .ended : .wouldBlock }
    if input.bytes.isEmpty { input.bytes = loop.buffers.takeInput() }
    input.makeRoom()
    guard input.end < input.bytes.count else { return .full }
    switch input.receive(descriptor) {
    case .moved(let count):
      bytesIn += Int64(count)
      // Less than there was room for: the socket is drained, and the next event tells of more. Only an end that was announced together
      // with these bytes has no event of its own.
      if input.end < input.bytes.count { canRead = peerIsDone }
      return .received
    case .wouldBlock:
      canRead = false
      releaseInputIfEmpty()
      return .wouldBlock
    case .end:
      sawEnd = true
      releaseInputIfEmpty()
      return .ended
    case .failed(let code):
      failure = code
      receiveFailed = true
      releaseInputIfEmpty()
      return .ended
    }
  }

  /// Gives the memory of an empty input buffer back to the loop.
  package final func releaseInputIfEmpty() {
    guard input.isEmpty, !input.bytes.isEmpty else { return }
    var lent: [UInt8] = []
    swap(&lent, &input.bytes)
    loop.buffers.giveBackInput(lent)
  }

  /// Bytes that wait to be sent.
  package final var backlog: Int { output.count - outputSent }

  /// Lends memory for output from the loop, if there is none yet.
  package final func prepareOutput() {
    if output.capacity == 0 { output = loop.buffers.takeOutput() }
  }

  /// Gives the memory of an empty output buffer back to the loop.
  package final func releaseOutputIfEmpty() {
    guard backlog == 0, output.capacity > 0 else { return }
    var lent: [UInt8] = []
    swap(&lent, &output)
    outputSent = 0
    loop.buffers.giveBackOutput(lent)
  }

  /// Sends what waits, as far as the kernel takes it; true when nothing waits any more.
  package final func flush() -> Bool {
    while backlog > 0, canWrite, failure == 0, !isClosed {
      noteSent(System.send(descriptor, output, outputSent..<output.count))
    }
    return backlog == 0
  }

  /// Sends what waits and then `bytes[range]`, as far as the kernel takes it, and tells how much of `range` is gone.
  package final func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var next = range.lowerBound
    while next < range.upperBound, canWrite, failure == 0, !isClosed {
      let waiting = backlog
      if waiting == 0 {
        let result = System.send(descriptor, bytes, next..<range.upperBound)
        if case .moved(let count) = result {
          next += count
          bytesOut += Int64(count)
        } else {
          noteSent(result)
        }
      } else {
        let result = System.send(descriptor, output, outputSent..<output.count, bytes, next..<range.upperBound)
        if case .moved(let count) = result {
          next += max(0, count - waiting)
          bytesOut += Int64(max(0, count - waiting))
          noteSent(.moved(min(count, waiting)))
        } else {
          noteSent(result)
        }
      }
    }
    return next - range.lowerBound
  }

  private func noteSent(_ result: Transfer) {
    switch result {
    case .moved(let count):
      bytesOut += Int64(count)
      outputSent += count
      if outputSent == output.count {
        output.removeAll(keepingCapacity: true)
        outputSent = 0
      }
    case .wouldBlock: canWrite = false
    case .end: break
    case .failed(let code): failure = code
    }
  }

  /// Forgets what waits to be sent.
  package final func discardOutput() {
    output.removeAll(keepingCapacity: true)
    outputSent = 0
  }

  /// Notes what the kernel said; call first in `ready`.
  package final func note(_ readiness: Readiness) {
    if readiness.contains(.readable) { canRead = true }
    if readiness.contains(.ending) { peerIsDone = true }
    if readiness.contains(.writable) { canWrite = true }
  }

  /// Ends the connection now and gives everything back. Safe to call twice.
  package final func close(reset: Bool = false) {
    guard !isClosed else { return }
    isClosed = true
    if reset { System.resetOnClose(descriptor) }
    loop.remove(self)
    System.close(descriptor)
    input.consume(input.count)
    releaseInputIfEmpty()
    discardOutput()
    releaseOutputIfEmpty()
  }

  deinit { if !isClosed { System.close(descriptor) } }
}
