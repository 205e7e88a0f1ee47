import TLS

/// A stream socket on a loop with what was received from it and what waits to be sent.
open class Channel: Pollable {
  package final let loop: EventLoop
  final var state: StreamState
  /// TLS on this connection; `nil` for one without.
  final var secure: TLSConnection?
  // Holds bytes for this socket between two calls; `nil` while there are none.
  private final var pipe: SplicePipe?

  /// Closed by `close`, and not before.
  package final var descriptor: Int32 { state.descriptor }
  /// What was received and not yet used.
  package final var input: InputBuffer { state.input }
  package final var inputIsEmpty: Bool { state.input.isEmpty }
  package final var inputCount: Int { state.input.count }
  /// Something of what waits to be sent is gone already.
  package final var hasBegunOutput: Bool { state.outputSent > 0 || state.sealed > 0 }
  /// The kernel may have more for us. The first event after registration tells of what came before it.
  package final var canRead: Bool {
    get { state.canRead }
    set { state.canRead = newValue }
  }
  /// The kernel may take more from us.
  package final var canWrite: Bool {
    get { state.canWrite }
    set { state.canWrite = newValue }
  }
  /// The peer has sent its last byte, and it was read.
  package final var sawEnd: Bool { state.sawEnd }
  /// `errno` of what ended the connection; 0 while it stands.
  package final var failure: Int32 { state.failure }
  package final var isClosed: Bool { state.isClosed }
  /// All that was received and sent.
  package final var bytesIn: Int64 { state.bytesIn }
  package final var bytesOut: Int64 { state.bytesOut }
  /// Bytes that wait to be sent.
  package final var backlog: Int { state.backlog }

  /// - Parameter descriptor: a non-blocking socket that now belongs to the channel.
  package init(descriptor: Int32, loop: EventLoop) {
    self.loop = loop
    state = StreamState(descriptor: descriptor)
    super.init()
  }

  /// What `fill` came to.
  package enum Fill {
    case received
    case wouldBlock
    case full
    case ended
  }

  // MARK: Input

  /// Receives once into `input`. `ended` also when the connection failed; `failure` tells.
  package final func fill() -> Fill {
    if let outcome = state.fillWithoutCall {
      // Nobody knows for how long.
      releaseInputIfEmpty()
      return outcome
    }
    if let secure { return fill(over: secure) }
    var input = InputBuffer()
    state.swapInput(&input)
    if input.bytes.isEmpty { input.bytes = loop.buffers.takeInput() }
    input.makeRoom()
    let room = input.bytes.count - input.end
    let outcome: Fill = room > 0 ? state.noteReceived(input.receive(state.descriptor), room: room) : .full
    if outcome != .received, input.isEmpty {
      loop.buffers.giveBackInput(input.takeBytes())
    } else {
      state.swapInput(&input)
    }
    return outcome
  }

  /// Receives into `input` only those of the bytes that have arrived which `claim` wants, as it is told all of them behind the input, and leaves the
  /// others to whoever reads the socket next: what comes before TLS must not swallow a byte of it.
  /// - Parameter claim: tells how many there shall be in `input` then, more than there are.
  package final func fill(claim: (Span<UInt8>) -> Int) -> Fill {
    if let outcome = state.fillWithoutCall { return outcome }
    var input = InputBuffer()
    state.swapInput(&input)
    if input.bytes.isEmpty { input.bytes = loop.buffers.takeInput() }
    input.makeRoom()
    // However many were taken, there may be more.
    let outcome: Fill = input.bytes.count > input.end ? state.noteReceived(input.receive(state.descriptor, claim: claim), room: 0) : .full
    if outcome != .received, input.isEmpty {
      loop.buffers.giveBackInput(input.takeBytes())
    } else {
      state.swapInput(&input)
    }
    return outcome
  }

  /// Passes over the first `count` bytes of the input.
  package final func consumeInput(_ count: Int) { state.input.consume(count) }

  /// Gives the memory of an empty input buffer back to the loop.
  package final func releaseInputIfEmpty() {
    guard state.input.isEmpty else { return }
    var input = InputBuffer()
    state.swapInput(&input)
    if !input.bytes.isEmpty { loop.buffers.giveBackInput(input.takeBytes()) }
  }

  // MARK: Output

  /// Takes out what waits to be sent, for more to be put behind it: `setOutput` is to follow before anything else is done with the channel.
  /// Its memory is lent by the loop.
  package final func takeOutput() -> [UInt8] {
    var output: [UInt8] = []
    state.swapOutput(&output)
    return output.capacity == 0 ? loop.buffers.takeOutput() : output
  }

  /// Puts back what `takeOutput` took, with what was added to it.
  package final func setOutput(_ output: consuming [UInt8]) {
    var output = output
    state.swapOutput(&output)
  }

  /// Adds to what waits to be sent.
  package final func appendOutput(_ bytes: some Collection<UInt8>) {
    var output = takeOutput()
    output.append(contentsOf: bytes)
    setOutput(output)
  }

  /// Gives the memory of an empty output buffer back to the loop.
  package final func releaseOutputIfEmpty() {
    guard backlog == 0 else { return }
    var output: [UInt8] = []
    state.swapOutput(&output)
    state.outputIsSent()
    if output.capacity > 0 { loop.buffers.giveBackOutput(output) }
  }

  /// Sends what waits, as far as the kernel takes it; true when nothing waits any more.
  package final func flush() -> Bool {
    guard backlog > 0 else { return true }
    guard state.maySend else { return false }
    if let secure { return flush(over: secure) }
    var output: [UInt8] = []
    state.swapOutput(&output)
    repeat {
      let sent = state.outputSent
      _ = state.noteSent(System.send(descriptor, output, sent..<output.count), waiting: output.count - sent)
    } while state.outputSent < output.count && state.maySend
    return putBack(&output)
  }

  /// Sends what waits and then `bytes[range]`, as far as the kernel takes it, and tells how much of `range` is gone.
  package final func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    if let secure { return send(bytes, range, over: secure) }
    var output: [UInt8] = []
    state.swapOutput(&output)
    var next = range.lowerBound
    while next < range.upperBound, state.maySend {
      let sent = state.outputSent
      let waiting = output.count - sent
      let result =
        waiting == 0
        ? System.send(descriptor, bytes, next..<range.upperBound)
        : System.send(descriptor, output, sent..<output.count, bytes, next..<range.upperBound)
      next += state.noteSent(result, waiting: waiting)
    }
    _ = putBack(&output)
    return next - range.lowerBound
  }

  /// Puts the output back after a send, its memory ready for more if all of it is gone; true if so.
  final func putBack(_ output: inout [UInt8]) -> Bool {
    let isSent = state.outputSent == output.count
    if isSent {
      output.removeAll(keepingCapacity: true)
      state.outputIsSent()
    }
    state.swapOutput(&output)
    return isSent
  }

  /// What `splice` came to.
  package enum Splice: Equatable {
    /// This many bytes left `source`, and all of them have been sent.
    case moved(Int)
    /// This many bytes left `source`, perhaps none; not all of what did so far is sent. Go on when this socket can be written.
    case blocked(Int)
    /// The source has nothing for us now.
    case wouldBlock
    /// The source has ended or failed; its `failure` tells.
    case ended
    /// This connection has failed; `failure` tells.
    case sinkFailed
    /// There is no pipe: copy.
    case unavailable
  }

  /// Bytes that were taken from a source and wait in the kernel to be sent.
  package final var piped: Int { state.piped }

  /// Moves bytes from `source` to this socket inside the kernel, once. To be called while `source` has no input, and nothing waits here but what
  /// earlier calls left.
  /// - Parameter count: the most that may leave the source, at least 1 unless something is still piped.
  package final func splice(from source: Channel, _ count: Int) -> Splice {
    // The kernel cannot encrypt.
    guard secure == nil, source.secure == nil, let pipe = pipe ?? loop.buffers.takePipe() else { return .unavailable }
    self.pipe = pipe
    if state.piped == 0 {
      let outcome = source.spliceIn(to: pipe, min(count, pipe.capacity))
      guard case .moved(let taken) = outcome else {
        loop.buffers.giveBack(pipe)
        self.pipe = nil
        return outcome
      }
      state.notePiped(taken)
      return drainPipe(pipe) ? .moved(taken) : failure != 0 ? .sinkFailed : .blocked(taken)
    }
    return drainPipe(pipe) ? .moved(0) : failure != 0 ? .sinkFailed : .blocked(0)
  }

  private final func spliceIn(to pipe: SplicePipe, _ count: Int) -> Splice {
    switch state.fillWithoutCall {
    case .wouldBlock: return .wouldBlock
    case .some: return .ended
    case nil: break
    }
    let result = System.splice(from: descriptor, to: pipe.writeEnd, count)
    switch state.noteSplicedIn(result) {
    case .received:
      if case .moved(let count) = result { return .moved(count) }
      return .wouldBlock
    case .wouldBlock: return .wouldBlock
    case .full, .ended: return .ended
    }
  }

  /// True when the pipe is empty, and given back.
  private final func drainPipe(_ pipe: SplicePipe) -> Bool {
    while state.piped > 0 {
      guard state.maySend else { return false }
      state.noteSplicedOut(System.splice(from: pipe.readEnd, to: descriptor, state.piped))
    }
    loop.buffers.giveBack(pipe)
    self.pipe = nil
    return true
  }

  /// Forgets what waits to be sent.
  package final func discardOutput() {
    var output: [UInt8] = []
    state.swapOutput(&output)
    state.outputIsSent()
    output.removeAll(keepingCapacity: true)
    state.swapOutput(&output)
  }

  // MARK: Life

  /// As `EventLoop.setDeadline` does.
  package final func setDeadline(at milliseconds: Int64) { loop.setDeadline(self, at: milliseconds) }

  /// Notes what the kernel said; call first in `ready`.
  package final func note(_ readiness: Readiness) { state.note(readiness) }

  /// Ends the connection now and gives everything back. Safe to call twice.
  package final func close(reset: Bool = false) {
    guard !isClosed else { return }
    if reset { System.resetOnClose(descriptor) }
    if secure != nil { endTLS(isWhole: !reset && backlog == 0) }
    loop.remove(self)
    state.noteClosed()
    System.close(descriptor)
    consumeInput(inputCount)
    releaseInputIfEmpty()
    discardOutput()
    releaseOutputIfEmpty()
    if let pipe { loop.buffers.giveBack(pipe) }
    pipe = nil
  }

  deinit { if !state.isClosed { System.close(state.descriptor) } }
}
