import EventLoop
import HTTP

/// How a browser's connection ends: after the rest of a body, after a moment in which our last answer can be read, or at once.
extension ClientConnection {
  private static let drainLimit = 256 << 10
  private static let lingerMilliseconds: Int64 = 2000

  /// Reads on over what is left of a body; true when something changed and there may be more to do.
  func drainBody() -> Bool {
    while var decoder = drain {
      let step = inputIsEmpty && !decoder.isComplete ? BodyStep.needMore(consumed: 0) : decode(&decoder)
      drain = decoder
      switch step {
      case .data(_, let consumed):
        drained += consumed
        consumeInput(consumed)
        if drained > Self.drainLimit {
          startLingering()
          return true
        }
      case .needMore(let consumed):
        consumeInput(consumed)
        switch fill() {
        case .received: continue
        case .wouldBlock: return false
        case .full, .ended:
          end()
          return false
        }
      case .end(let consumed):
        consumeInput(consumed)
        drain = nil
        phase = .head
        return true
      case .failed:
        startLingering()
        return true
      }
    }
    phase = .head
    return true
  }

  private func decode(_ decoder: inout BodyDecoder) -> BodyStep {
    let input = input
    return decoder.next(input.bytes.span.extracting(input.range))
  }

  func startLingering() {
    phase = .lingering
    drain = nil
    drained = 0
    endOutput()
    setDeadline(at: loop.now + Self.lingerMilliseconds)
  }

  func linger() {
    // There may not have been room for it before.
    if isSecure { endOutput() }
    while true {
      consumeInput(inputCount)
      drained += 1
      guard drained < 1024 else { return end() }
      switch fill() {
      case .received: continue
      case .wouldBlock: return
      case .full, .ended: return end()
      }
    }
  }

  /// The client is gone, or must be: nothing more is answered.
  func abort(reset: Bool = false) {
    exchange?.clientGone()
    end(reset: reset)
  }

  /// Closes the connection and forgets it.
  func end(reset: Bool = false) {
    guard !isClosed else { return }
    if phase == .handshake, let token { worker.handshakes.end(token) }
    if let exchange { worker.giveBack(exchange) }
    exchange = nil
    worker.connectionIsBusy(self)
    close(reset: reset)
    worker.connectionEnded(self)
  }

  /// Ends an idle connection to make room; false when a request has come for it meanwhile, which then gets its turn.
  func makeRoom() -> Bool {
    if phase == .head, inputIsEmpty {
      canRead = true
      if case .received = fill() {
        worker.connectionIsBusy(self)
        loop.requeue(self)
        return false
      }
    }
    end()
    return true
  }

  /// Shutdown has begun: a connection between two requests ends at once, unless the next one is here; a new one, and one in the middle of a
  /// head, has a moment for the rest.
  func shutDown() {
    guard phase == .head || phase == .handshake || phase == .proxyHeader else { return }
    if !hasBegun || headSince != nil {
      setDeadline(at: min(deadline, worker.lastHead))
    } else if inputIsEmpty {
      _ = makeRoom()
    }
  }
}
