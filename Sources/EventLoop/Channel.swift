/// A stream socket on a loop with what was received from it and what waits to be sent.
open class Channel: Pollable {
  package final unowned let loop: EventLoop
  // All in one, so that each of the functions below is one access to the object however much it does.
  private final var state: StreamState

  /// Closed by `close`, and not before.
  package final var descriptor: Int32 { state.descriptor }
  /// What was received and not yet used.
  package final var input: InputBuffer {
    get { state.input }
    _modify { yield &state.input }
  }
  /// What waits to be sent, from `outputSent` on.
  package final var output: [UInt8] {
    get { state.output }
    _modify { yield &state.output }
  }
  package final var outputSent: Int { state.outputSent }
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

  /// Receives once into `input`. `ended` also when the connection failed; `failure` tells.
  package final func fill() -> Fill { state.fill(loop) }

  /// Gives the memory of an empty input buffer back to the loop.
  package final func releaseInputIfEmpty() { state.releaseInputIfEmpty(loop) }

  /// Lends memory for output from the loop, if there is none yet.
  package final func prepareOutput() { state.prepareOutput(loop) }

  /// Gives the memory of an empty output buffer back to the loop.
  package final func releaseOutputIfEmpty() { state.releaseOutputIfEmpty(loop) }

  /// Sends what waits, as far as the kernel takes it; true when nothing waits any more.
  package final func flush() -> Bool { state.flush() }

  /// Sends what waits and then `bytes[range]`, as far as the kernel takes it, and tells how much of `range` is gone.
  package final func send(_ bytes: [UInt8], _ range: Range<Int>) -> Int { state.send(bytes, range) }

  /// Forgets what waits to be sent.
  package final func discardOutput() { state.discardOutput() }

  /// Notes what the kernel said; call first in `ready`.
  package final func note(_ readiness: Readiness) { state.note(readiness) }

  /// Ends the connection now and gives everything back. Safe to call twice.
  package final func close(reset: Bool = false) {
    guard !isClosed else { return }
    if reset { System.resetOnClose(descriptor) }
    loop.remove(self)
    state.close(loop)
  }

  deinit { if !state.isClosed { System.close(state.descriptor) } }
}
