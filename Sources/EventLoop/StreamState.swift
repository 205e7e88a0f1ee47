/// Both directions of a stream socket: what the kernel said of it, what was received, what waits to be sent.
struct StreamState {
  let descriptor: Int32
  var input = InputBuffer()
  var output: [UInt8] = []
  private(set) var outputSent = 0
  var canRead = false
  var canWrite = true
  // The kernel has said that the peer will send no more, or that the connection failed.
  private var peerIsDone = false
  private(set) var sawEnd = false
  private(set) var failure: Int32 = 0
  // Not so after a failed send: what the peer said before it reset the connection can still be received.
  private var receiveFailed = false
  private(set) var isClosed = false
  private(set) var bytesIn: Int64 = 0
  private(set) var bytesOut: Int64 = 0

  init(descriptor: Int32) { self.descriptor = descriptor }

  var backlog: Int { output.count - outputSent }

  mutating func fill(_ loop: EventLoop) -> Channel.Fill {
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
      releaseInputIfEmpty(loop)
      return .wouldBlock
    case .end:
      sawEnd = true
      releaseInputIfEmpty(loop)
      return .ended
    case .failed(let code):
      failure = code
      receiveFailed = true
      releaseInputIfEmpty(loop)
      return .ended
    }
  }

  mutating func releaseInputIfEmpty(_ loop: EventLoop) {
    guard input.isEmpty, !input.bytes.isEmpty else { return }
    var lent: [UInt8] = []
    swap(&lent, &input.bytes)
    loop.buffers.giveBackInput(lent)
  }

  mutating func prepareOutput(_ loop: EventLoop) {
    if output.capacity == 0 { output = loop.buffers.takeOutput() }
  }

  mutating func releaseOutputIfEmpty(_ loop: EventLoop) {
    guard backlog == 0, output.capacity > 0 else { return }
    var lent: [UInt8] = []
    swap(&lent, &output)
    outputSent = 0
    loop.buffers.giveBackOutput(lent)
  }

  mutating func flush() -> Bool {
    while backlog > 0, canWrite, failure == 0, !isClosed {
      noteSent(System.send(descriptor, output, outputSent..<output.count))
    }
    return backlog == 0
  }

  mutating func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
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

  private mutating func noteSent(_ result: Transfer) {
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

  mutating func discardOutput() {
    output.removeAll(keepingCapacity: true)
    outputSent = 0
  }

  mutating func note(_ readiness: Pollable.Readiness) {
    if readiness.contains(.readable) { canRead = true }
    if readiness.contains(.ending) { peerIsDone = true }
    if readiness.contains(.writable) { canWrite = true }
  }

  mutating func close(_ loop: EventLoop) {
    isClosed = true
    System.close(descriptor)
    input.consume(input.count)
    releaseInputIfEmpty(loop)
    discardOutput()
    releaseOutputIfEmpty(loop)
  }
}
