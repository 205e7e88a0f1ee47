import Audit
import EventLoop
import HTTP
import Pages
import Upstream

/// What the app answers, as it comes.
extension Exchange {
  /// Interim answers to one request; an app that sends more is broken.
  private static let maximumInformational = 16

  /// Goes on with the app's answer.
  func receiveAnswer(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
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
    if appUse != nil, let login = appLogin, judgesAppAnswer(login, upstream) { return false }
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
}
