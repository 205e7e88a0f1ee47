import TLS

/// A channel with TLS between it and its socket.
///
/// OpenSSL has buffers of its own: that the socket is drained does not mean that nothing more can be received; and what is encrypted has to be
/// sent before anything else, and cannot be taken back. Both are kept from whoever uses the channel.
extension Channel {
  /// What goes over the connection is encrypted from now on, once `handshake` is done.
  package final func beginTLS(_ connection: TLSConnection) { secure = connection }

  package final var isSecure: Bool { secure != nil }

  /// The TLS connection is over, and the socket is as it would be without.
  /// - Parameter isWhole: the peer is told that everything was sent.
  @inline(never)
  package final func endTLS(isWhole: Bool = false) {
    if isWhole { secure?.sendEnd() }
    secure = nil
  }

  /// The certificate that a client has shown in the handshake.
  package final var peerCertificate: PeerCertificate? { secure?.peerCertificate }

  /// Why TLS ended what was received, if it did, for logs.
  package final var secureFault: String? { secure?.fault }

  /// For the next connection to the same peer.
  package final var session: TLSSession? { secure?.session }

  /// Goes on with the handshake; after `done` bytes can be moved.
  package final func handshake() -> TLSConnection.Handshake {
    guard let secure else { return .failed(.closed) }
    let outcome = secure.handshake()
    switch outcome {
    // Something may have come together with the end of the handshake.
    case .done: canRead = true
    case .wantsRead: canRead = false
    case .wantsWrite: canWrite = false
    case .failed: break
    }
    return outcome
  }

  /// Tells the peer that nothing more will be sent; what waits must be gone. To be called again when a secure socket can be written.
  package final func endOutput() {
    if let secure {
      let isTold = secure.sendEnd()
      state.noteSealed(secure.waiting)
      guard isTold else { return }
    }
    System.shutdownWrite(descriptor)
  }

  // Apart, so that plain connections have nothing of it in their way.
  @inline(never)
  final func fill(over connection: TLSConnection) -> Fill {
    var input = InputBuffer()
    state.swapInput(&input)
    if input.bytes.isEmpty { input.bytes = loop.buffers.takeInput() }
    input.makeRoom()
    let outcome: Fill = input.bytes.count > input.end ? state.noteReceived(input.receive(connection)) : .full
    // What came may have been answered.
    if connection.waiting > 0 || state.sealed > 0 { push(connection) }
    if outcome != .received, input.isEmpty {
      loop.buffers.giveBackInput(input.takeBytes())
    } else {
      state.swapInput(&input)
    }
    return outcome
  }

  @inline(never)
  final func flush(over connection: TLSConnection) -> Bool {
    _ = send([], 0..<0, over: connection)
    return backlog == 0
  }

  @inline(never)
  final func send(_ bytes: [UInt8], _ range: Range<Int>, over connection: TLSConnection) -> Int {
    var output: [UInt8] = []
    state.swapOutput(&output)
    var next = range.lowerBound
    if state.maySend, connection.waiting > 0 { push(connection) }
    while state.maySend, !output.isEmpty || next < range.upperBound {
      let sent = state.outputSent
      let waiting = output.count - sent
      if waiting > 0 {
        // What waits is filled up to a whole record.
        let more = max(0, min(range.upperBound - next, TLSConnection.recordCount - waiting))
        output.append(contentsOf: bytes[next..<next + more])
        next += more
        _ = state.noteSent(connection.seal(output, sent..<output.count), waiting: waiting + more)
        if state.outputSent == output.count {
          output.removeAll(keepingCapacity: true)
          state.outputIsSent()
        }
      }
      if output.isEmpty, next < range.upperBound, state.maySend {
        next += state.noteSent(connection.seal(bytes, next..<range.upperBound), waiting: 0)
      }
      push(connection)
    }
    state.swapOutput(&output)
    return next - range.lowerBound
  }

  private final func push(_ connection: TLSConnection) {
    _ = state.noteSent(connection.flush(), waiting: 0)
    state.noteSealed(connection.waiting)
  }
}
