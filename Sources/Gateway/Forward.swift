import Audit
import EventLoop
import HTTP
import Pages
import Upstream

extension Exchange {
  /// Sends the request to one of the site's apps.
  func startForwarding() {
    if let heldForm, !takeHeldForm(heldForm) { return }
    guard enterSite() else { return fail(.unavailable) }
    if case .length(let count) = head.body, count > rules.limits.body { return fail(.contentTooLarge) }
    stage = .forwarding
    requestRelay = newRequestRelay()
    requestIsSent = false
    if let queue = siteState?.queue, !queue.isEmpty, !mayBeOvertaken { return waitForServer(queue) }
    if !tryServer() { noServer() }
  }

  /// Sends the request to a server, or has it wait for one; false when all are known to be down.
  private func tryServer() -> Bool {
    guard let state = siteState else { return false }
    switch chooseServer() {
    case .server(let index): send(to: index, state)
    case .full: waitForServer(state.queue)
    case .none: return false
    }
    return true
  }

  /// Sends the request to one of the site's servers.
  func send(to index: Int, _ state: SiteState) {
    attempt += 1
    let now = worker.loop.now
    serverIndex = index
    let server = state.servers[index]
    upstreamName = server.name
    // An idle connection may be closing while we take it. A request that must not be sent twice goes over a new one.
    let idle = attempt == 1 && head.method.isSafe && head.body == .none ? server.takeIdle() : nil
    guard let upstream = idle ?? (try? worker.connect(to: server)), let connection else { return attemptFailed(.notConnected) }
    self.upstream = upstream
    server.lend(upstream, to: self)
    guard writeUpstreamHead(to: upstream, connection) else { return fail(.badRequest) }
    if heldForm != nil, let body = heldBody { upstream.appendOutput(body) }
    upstreamStartedMicroseconds = System.monotonicMicroseconds()
    if !upstream.isConnected { return upstream.setDeadline(at: now + rules.limits.connectTimeout) }
    forwardMore(upstream, connection)
  }

  func upstreamReady(_ upstream: UpstreamConnection) {
    guard stage == .forwarding, let connection else { return tunnelMore() }
    forwardMore(upstream, connection)
  }

  func upstreamTimedOut(_ connection: UpstreamConnection) {
    guard connection.isConnected else {
      connection.server.failedToConnect()
      return attemptFailed(.notConnected, status: .gatewayTimeout)
    }
    end = .upstreamTimeout
    if status == 0 {
      connection.server.failedToAnswer()
      fail(.gatewayTimeout)
    } else {
      self.connection?.abort(reset: true)
    }
  }

  /// Moves what can be moved: the request's body up, then the answer down.
  func forwardMore() {
    guard stage == .forwarding, let upstream, let connection else { return }
    forwardMore(upstream, connection)
  }

  private func forwardMore(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    if !upstream.isConnected {
      guard upstream.connectError != 0 || upstream.failure != 0 else { return }
      upstream.server.failedToConnect()
      return attemptFailed(.notConnected)
    }
    if let heldForm { heldForm.hasLeft = true }
    connection.clearDeadline()
    if bodyPace.isWaiting || answerPace.isWaiting { pauseClientPace() }
    if head.expectsContinue { sendContinue(connection) }
    if !requestIsSent, !sendRequest(upstream, connection) { return }
    receiveAnswer(upstream, connection)
  }

  /// Lets a client that waits for it send its body, now that an app will take it. The gateway answers the expectation itself, since many
  /// apps never do (RFC 9110, section 10.1.1).
  private func sendContinue(_ connection: ClientConnection) {
    guard !isContinueSent, status == 0 else { return }
    isContinueSent = true
    guard connection.inputIsEmpty else { return }
    connection.appendOutput("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    _ = connection.flush()
  }

  /// False when the exchange has ended, or is another one by now.
  private func sendRequest(_ upstream: UpstreamConnection, _ connection: ClientConnection) -> Bool {
    guard var relay = requestRelay else { return true }
    requestRelay = nil
    let outcome = relay.relay(from: connection, to: upstream)
    requestRelay = relay
    let loop = worker.loop
    switch outcome {
    case .finished:
      requestIsSent = upstream.backlog == 0
      upstream.setDeadline(at: loop.now + rules.limits.upstreamTimeout)
    case .needsInput:
      waitForBody(connection)
      upstream.clearDeadline()
    case .blocked: upstream.setDeadline(at: loop.now + rules.limits.upstreamStallTimeout)
    case .yielded:
      upstream.setDeadline(at: loop.now + rules.limits.upstreamStallTimeout)
      loop.requeue(connection)
    case .sinkFailed:
      // The app may have answered before it closed: the answer is looked for before this counts as a failure.
      requestIsSent = true
      upstream.setDeadline(at: loop.now + rules.limits.upstreamTimeout)
    case .truncated:
      connection.abort()
      return false
    case .malformed(let fault):
      end = .clientMalformed
      auditReason = fault.reason
      closesAfter = true
      if status == 0 { fail(.badRequest) } else { connection.abort(reset: true) }
      return false
    case .tooLarge:
      closesAfter = true
      if status == 0 { fail(.contentTooLarge) } else { connection.abort(reset: true) }
      return false
    }
    return true
  }

  /// An attempt came to nothing: another one where that is safe, else the client is told.
  func attemptFailed(_ failure: RetryRule.Failure, status failureStatus: Failure = .badGateway) {
    let wasReused = upstream?.isReused ?? false
    let reason = upstream?.attemptReason ?? "\(failure)"
    if failure != .notConnected, !wasReused { upstream?.server.failedToAnswer() }
    dropUpstream()
    let mayRetry = RetryRule.mayRetry(
      after: failure, attempt: attempt, method: head.method, hasBody: head.body != .none, wasReused: wasReused)
    if mayRetry, self.status == 0 {
      let endBefore = end
      end = .ok
      resetResponseParser()
      requestRelay = newRequestRelay()
      requestIsSent = false
      if tryServer() { return }
      end = endBefore
    }
    if failure == .notConnected { end = failureStatus == .gatewayTimeout ? .upstreamTimeout : .upstreamUnreachable }
    worker.services.upstreamWarning.warn(["upstream": upstreamName, "reason": reason])
    fail(failureStatus)
  }

  /// Gives up on the app's connection; it cannot carry another request.
  func dropUpstream() {
    leaveQueue()
    guard let upstream else { return }
    self.upstream = nil
    upstream.server.release(upstream, isReusable: false)
  }
}
