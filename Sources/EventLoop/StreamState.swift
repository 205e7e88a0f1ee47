import Glibc
import TLS

/// Both directions of a stream socket: what the kernel said of it, what was received, what waits to be sent.
///
/// Nothing in here calls the kernel or anybody else: a channel's accesses to it are over before something else can begin, which the compiler
/// sees and checks no further.
struct StreamState {
  let descriptor: Int32
  var input = InputBuffer()
  var output: [UInt8] = []
  private(set) var outputSent = 0
  /// Bytes in the pipe to this socket.
  private(set) var piped = 0
  var canRead = false
  var canWrite = true
  /// What TLS has encrypted and the socket has not taken yet: it counts as sent, and cannot be taken back.
  private(set) var sealed = 0
  // Sending goes on when something has arrived.
  private var sendNeedsInput = false
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

  var backlog: Int { output.count - outputSent + sealed }
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

  /// What a send over TLS came to, as `noteSent` tells of one without.
  mutating func noteSent(_ result: TLSConnection.Sent, waiting: Int) -> Int {
    switch result {
    case .moved(let count): return noteSent(Transfer.moved(count), waiting: waiting)
    case .wantsWrite: return noteSent(.wouldBlock, waiting: waiting)
    case .wantsRead:
      sendNeedsInput = true
      return noteSent(.wouldBlock, waiting: waiting)
    case .failed: return noteSent(.failed(EPROTO), waiting: waiting)
    }
  }

  /// This many encrypted bytes wait.
  mutating func noteSealed(_ count: Int) {
    sealed = count
    if count > 0 { canWrite = false }
  }

  /// What a receive over TLS came to.
  mutating func noteReceived(_ result: TLSConnection.Received) -> Channel.Fill {
    switch result {
    // Until TLS says that the socket is drained, there may be more: also in its own buffers, of which no event tells.
    case .moved(let count, let isDrained): return noteReceived(.moved(count), room: isDrained ? .max : 0)
    case .wantsRead: return noteReceived(.wouldBlock, room: 0)
    case .wantsWrite:
      canWrite = false
      return .wouldBlock
    case .ended: return noteReceived(.end, room: 0)
    case .failed: return noteReceived(.failed(EPROTO), room: 0)
    }
  }

  /// Takes out what waits to be sent; whoever takes it puts it back.
  mutating func swapOutput(_ bytes: inout [UInt8]) { swap(&output, &bytes) }

  mutating func swapInput(_ buffer: inout InputBuffer) { swap(&input, &buffer) }

  /// What moving bytes from this socket into a pipe came to.
  mutating func noteSplicedIn(_ result: Transfer) -> Channel.Fill {
    // However much was moved, there may be more: a pipe is full by its number of pieces.
    noteReceived(result, room: 0)
  }

  /// Bytes for this socket were put into its pipe.
  mutating func notePiped(_ count: Int) { piped += count }

  /// What moving bytes from the pipe to this socket came to.
  mutating func noteSplicedOut(_ result: Transfer) {
    if case .moved(let count) = result { piped -= count }
    _ = noteSent(result, waiting: 0)
  }

  mutating func outputIsSent() { outputSent = 0 }

  mutating func note(_ readiness: Pollable.Readiness) {
    if readiness.contains(.readable) {
      canRead = true
      if sendNeedsInput {
        sendNeedsInput = false
        canWrite = true
      }
    }
    if readiness.contains(.ending) { peerIsDone = true }
    if readiness.contains(.writable) { canWrite = true }
  }

  mutating func noteClosed() { isClosed = true }
}
