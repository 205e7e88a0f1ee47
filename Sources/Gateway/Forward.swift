import Audit
import EventLoop
import HTTP
import Pages
import Upstream

extension Exchange {
  /// Interim answers to one request; an app that sends more is broken.
  private static let maximumInformational = 16

  /// Sends the request to one of the site's apps.
  func startForwarding() {
    guard enterSite() else { return fail(.unavailable) }
    if case .length(let count) = head.body, count > rules.limits.body { return fail(.contentTooLarge) }
    stage = .forwarding
    requestRelay = BodyRelay(head.body, isChunkedOut: head.body == .chunked, limit: rules.limits.body)
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

  private func receiveAnswer(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    let isBeginning = status == 0
    while status == 0 {
      guard receiveHead(upstream, connection) else { return }
      if stage != .forwarding { return }
    }
    guard var relay = responseRelay else { return }
    responseRelay = nil
    let before = upstream.bytesIn
    let outcome = relay.relay(from: upstream, to: connection)
    responseRelay = relay
    let loop = worker.loop
    switch outcome {
    case .finished: answerReceived(upstream, connection)
    case .needsInput:
      if isBeginning || upstream.bytesIn != before || upstream.deadline == .max {
        upstream.setDeadline(at: loop.now + (lasting == .events ? lastingTimeout : rules.limits.upstreamStallTimeout))
      }
    case .blocked:
      waitForReader(connection)
      upstream.clearDeadline()
    case .yielded:
      upstream.setDeadline(at: loop.now + (lasting == .events ? lastingTimeout : rules.limits.upstreamStallTimeout))
      loop.requeue(connection)
    case .truncated: cutAnswer(connection, .upstreamClosed)
    case .malformed, .tooLarge: cutAnswer(connection, .upstreamMalformed)
    case .sinkFailed: connection.abort()
    }
  }

  /// The app's answer broke off. As long as nothing of it was sent the client gets another one; else it must see that it is not whole.
  private func cutAnswer(_ connection: ClientConnection, _ end: AccessEnd) {
    self.end = end
    // An interim answer that is half sent cannot be taken back.
    if connection.bytesOut == bytesOutAtAnswer, !connection.hasBegunOutput {
      connection.discardOutput()
      responseRelay = nil
      return fail(.badGateway)
    }
    _ = connection.flush()
    // A client that is told neither length nor chunks takes a plain end for the answer's.
    connection.abort(reset: response.body == .untilClose || head.minorVersion == 0)
  }

  /// Reads one head; false when there is nothing more to do now.
  private func receiveHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) -> Bool {
    while true {
      let outcome = upstream.inputIsEmpty ? ParseOutcome<ResponseFault>.incomplete : parseHead(upstream)
      switch outcome {
      case .incomplete:
        switch upstream.fill() {
        case .received: continue
        case .wouldBlock: return false
        case .full:
          end = .upstreamMalformed
          upstream.server.failedToAnswer()
          fail(.badGateway)
          return false
        case .ended:
          end = .upstreamClosed
          attemptFailed(upstream.inputIsEmpty && informational == 0 ? .closedBeforeAnswer : .other)
          return false
        }
      case .failed(let fault):
        end = .upstreamMalformed
        upstream.server.failedToAnswer()
        worker.services.events.warning("refused an answer", ["upstream": upstreamName, "reason": fault.reason])
        fail(.badGateway)
        return false
      case .complete:
        return takeHead(upstream, connection)
      }
    }
  }

  private func parseHead(_ upstream: UpstreamConnection) -> ParseOutcome<ResponseFault> {
    let input = upstream.input
    var parser = responseParser
    var parsed = ResponseHead()
    swap(&parsed, &response)
    let outcome = parser.parse(input.bytes.span.extracting(input.range), into: &parsed, requestMethod: head.method)
    swap(&parsed, &response)
    responseParser = parser
    return outcome
  }

  private func takeHead(_ upstream: UpstreamConnection, _ connection: ClientConnection) -> Bool {
    if response.hasConnectionNominations, !nominationsFit(upstream) {
      end = .upstreamMalformed
      fail(.badGateway)
      return false
    }
    let code = response.status
    // 101 is one of the series by number, but the last one (RFC 9110, section 15.2).
    let isInformational = code < 200 && code != 101
    if !isInformational { upstream.server.answered() }
    if code == 101 {
      guard mayUpgrade, answersWebSocket(upstream) else {
        end = .upstreamMalformed
        fail(.badGateway)
        return false
      }
      startTunnel(upstream, connection)
      return true
    }
    if isInformational {
      informational += 1
      guard informational <= Self.maximumInformational else {
        end = .upstreamMalformed
        fail(.badGateway)
        return false
      }
      if head.minorVersion == 1, code != 100 { writeInformational(upstream, connection) }
      upstream.consumeInput(response.byteCount)
      _ = connection.flush()
      return true
    }
    upstreamMicroseconds = System.monotonicMicroseconds() - upstreamStartedMicroseconds
    writeAnswerHead(upstream, connection)
    upstream.consumeInput(response.byteCount)
    return true
  }

  /// Whether `Connection` nominates no more fields than can be told apart from those that go on.
  private func nominationsFit(_ upstream: UpstreamConnection) -> Bool {
    let input = upstream.input
    let span = input.bytes.span.extracting(input.start..<input.start + response.byteCount)
    return worker.nominations.collect(from: response.fields, in: span)
  }

  /// The app's answer has been read to its end; what is left of it waits to be sent.
  private func answerReceived(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    let requestIsWhole = requestIsSent && (requestRelay?.isFinished ?? true)
    self.upstream = nil
    upstream.server.release(upstream, isReusable: requestIsWhole && response.keepAlive)
    if !requestIsWhole, var relay = requestRelay {
      // The app answered before it had the whole request: what is left of it is read and dropped.
      unreadBody = relay.abandon(connection)
      requestRelay = relay
    }
    stage = .answering
    finishAnswer(connection)
  }

  /// An attempt came to nothing: another one where that is safe, else the client is told.
  private func attemptFailed(_ failure: RetryRule.Failure, status failureStatus: Failure = .badGateway) {
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
      requestRelay = BodyRelay(head.body, isChunkedOut: false)
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
