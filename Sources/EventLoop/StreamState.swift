/// Both directions of a stream socket: what the kernel said of it, what was received, what waits to be sent.
///
/// Nothing in here calls the kernel or anybody else: a channel's accesses to it are over before something else can begin, which the compiler
/// sees and checks no further.
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
  /// Whether a call to receive makes sense; `nil` if so, else what `fill` comes to without it.
  var fillWithoutCall: Channel.Fill? {
    if sawEnd || receiveFailed || isClosed { return .ended }
    return canRead ? nil : .wouldBlock
  }
  var maySend: Bool { canWrite && failure == 0 && !isClosed }

  /// What a receive came to that had `room` for that many bytes.
  mutating func noteReceived(_ result: Transfer, room: Int) -> Channel.Fill {
    switch result {
    case .moved(let count):
      bytesIn += Int64(count)
      // Less than there was room for: the socket is drained, and the next event tells of more. Only an end that was announced together
      // with these bytes has no event of its own.
      if count < room { canRead = peerIsDone }
      return .received
    case .wouldBlock:
      canRead = false
      return .wouldBlock
    case .end:
      sawEnd = true
      return .ended
    case .failed(let code):
      failure = code
      receiveFailed = true
      return .ended
    }
  }

  /// What a send came to, `waiting` bytes of `output` and further ones behind them; the answer is how many of the further ones are gone.
  mutating func noteSent(_ result: Transfer, waiting: Int) -> Int {
    switch result {
    case .moved(let count):
      bytesOut += Int64(count)
      outputSent += min(count, waiting)
      return max(0, count - waiting)
    case .wouldBlock: canWrite = false
    case .end: break
    case .failed(let code): failure = code
    }
    return 0
  }

  /// Takes out what waits to be sent; whoever takes it puts it back.
  mutating func swapOutput(_ bytes: inout [UInt8]) { swap(&output, &bytes) }

  mutating func swapInput(_ buffer: inout InputBuffer) { swap(&input, &buffer) }

  mutating func outputIsSent() { outputSent = 0 }

  mutating func note(_ readiness: Pollable.Readiness) {
    if readiness.contains(.readable) { canRead = true }
    if readiness.contains(.ending) { peerIsDone = true }
    if readiness.contains(.writable) { canWrite = true }
  }

  mutating func noteClosed() { isClosed = true }
}
