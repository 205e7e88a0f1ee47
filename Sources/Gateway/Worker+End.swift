import EventLoop

/// How a worker stops to accept, for a while or for good, and how it ends what it has.
extension Worker {
  /// Ends idle connections at once, stops accepting, and calls `done` when the last one is over. Whoever has just connected, and may still
  /// be in the kernel's queue, has a new connection's moment to send a request.
  func drain(_ done: @escaping @Sendable () -> Void) {
    isDraining = true
    closesIdle = true
    lastHead = loop.now + Self.momentToSpeak
    spareExchanges = []
    for connection in Array(connections.values) { connection.shutDown() }
    for acceptor in acceptors { acceptor.finish(leavesPassed: true) }
    acceptors.removeAll()
    if connections.isEmpty { finish(done) } else { drained = done }
  }

  /// Ends what is still there; the time for it is over.
  func abandon() {
    for connection in Array(connections.values) {
      connection.exchange?.end = .shutdown
      connection.abort()
    }
  }

  func finish(_ done: @Sendable () -> Void) {
    closeIdleUpstreams()
    accessLog?.flush()
    done()
  }

  /// Accepts nothing for now; what waits in the kernel's queues stays there.
  func pauseAccepting() {
    isAccepting = false
    for acceptor in acceptors { acceptor.halt() }
  }

  /// Accepts again, or for the first time.
  func resumeAccepting() {
    guard !isAccepting else { return }
    isAccepting = true
    for acceptor in acceptors {
      do throws(SystemError) { try acceptor.start() } catch { services.events.error("a listener is lost", ["reason": "\(error)"]) }
    }
  }

  /// Another process accepts now. What is under way ends as usual; every connection ends with its next answer, which says so, or when it has been
  /// idle for too long: closed at once, it might meet a request that is on its way.
  /// - Parameters:
  ///   - unused: the descriptors of sockets that the other process has no listener for.
  ///   - done: called when the last connection is over.
  func handOver(unused: [Int32], _ done: @escaping @Sendable () -> Void) {
    // Told to end a moment ago: that has somebody who waits already.
    guard !isDraining else { return done() }
    isDraining = true
    spareExchanges = []
    for acceptor in acceptors { acceptor.leave(unused: unused) }
    acceptors.removeAll()
    if connections.isEmpty { finish(done) } else { drained = done }
  }
}
