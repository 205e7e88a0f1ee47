import EventLoop
import HTTP

/// One connection to a stand-in: reads a request whole, answers it, and goes on to the next.
final class StandInConnection: Channel {
  private enum Phase {
    case head
    case body
    /// The last answer is on its way; what still comes is dropped for a moment, so that the client gets to read it.
    case lingering
  }

  /// Largest request body in bytes.
  static let bodyLimit = 64 << 10
  private static let headLimit = 32 << 10
  private static let fieldLimit = 200
  // Longer than the gateway keeps an idle connection, so that none is closed under a request.
  private static let idleMilliseconds: Int64 = 75_000
  private static let requestMilliseconds: Int64 = 10_000
  private static let lingerMilliseconds: Int64 = 2000

  private let server: StandInServer
  private var phase = Phase.head
  private var parser = RequestParser(maxHeadBytes: headLimit, maxFields: fieldLimit)
  private var head = RequestHead()
  private var decoder = BodyDecoder(.none)
  private var request: StandInRequest?

  init(descriptor: Int32, server: StandInServer) {
    self.server = server
    super.init(descriptor: descriptor, loop: server.loop)
  }

  @available(*, unavailable)
  override init(descriptor: Int32, loop: EventLoop) { fatalError("a connection needs its server") }

  /// The kernel has news, or it is this connection's turn again.
  override func ready(_ readiness: Readiness) {
    note(readiness)
    // An answer that the client does not take yet keeps further requests waiting.
    guard flush() else {
      if failure != 0 { end() }
      return
    }
    switch phase {
    case .head: readHead()
    case .body: readBody()
    case .lingering: linger()
    }
  }

  override func deadlineReached() {
    if phase == .head, !input.isEmpty { refuse(408, "The request took too long to arrive.") } else { end() }
  }

  private func end() {
    guard !isClosed else { return }
    close()
    server.connectionEnded()
  }

  // MARK: Reading

  private func readHead() {
    while true {
      switch input.isEmpty ? .incomplete : parse() {
      case .complete:
        beginBody()
        return
      case .failed(let fault): return refuse(fault.status, fault.reason)
      case .incomplete:
        switch fill() {
        case .received: continue
        case .full: return refuse(431, "request head too large")
        case .ended: return end()
        case .wouldBlock:
          releaseOutputIfEmpty()
          loop.setDeadline(self, at: loop.now + (input.isEmpty ? Self.idleMilliseconds : Self.requestMilliseconds))
          return
        }
      }
    }
  }

  private func parse() -> ParseOutcome<RequestFault> {
    let bytes = input.bytes
    return parser.parse(bytes.span.extracting(input.range), into: &head)
  }

  private func beginBody() {
    let bytes = input.bytes
    request = StandInRequest(head, in: bytes.span.extracting(input.range))
    consumeInput(head.byteCount)
    if case .length(let count) = head.body, count > Self.bodyLimit { return refuseBody() }
    if head.expectsContinue {
      appendOutput("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }
    decoder = BodyDecoder(head.body)
    phase = .body
    loop.setDeadline(self, at: loop.now + Self.requestMilliseconds)
    loop.requeue(self)
  }

  private func readBody() {
    while true {
      switch decode() {
      case .data(let range, let consumed):
        let start = input.start
        request?.body += input.bytes[start + range.lowerBound..<start + range.upperBound]
        consumeInput(consumed)
        if let request, request.body.count > Self.bodyLimit { return refuseBody() }
      case .needMore(let consumed):
        consumeInput(consumed)
        switch fill() {
        case .received: continue
        case .wouldBlock: return
        case .full, .ended: return end()
        }
      case .end(let consumed):
        consumeInput(consumed)
        return answer()
      case .failed(let fault): return refuse(400, fault.reason)
      }
    }
  }

  private func decode() -> BodyStep {
    let bytes = input.bytes
    return decoder.next(bytes.span.extracting(input.range))
  }

  // MARK: Answering

  private func answer() {
    guard let request else { return end() }
    self.request = nil
    send(server.respond(request), keepAlive: head.keepAlive)
  }

  private func refuseBody() { refuse(413, "A request's body has at most \(Self.bodyLimit) bytes.") }

  /// Answers and ends: where this request stops cannot be told, or is too far away.
  private func refuse(_ status: Int, _ reason: String) {
    send(.text(status, reason), keepAlive: false)
  }

  private func send(_ answer: StandInAnswer, keepAlive: Bool) {
    var output = takeOutput()
    answer.append(
      to: &output, isHead: head.method == .head, minorVersion: head.minorVersion, keepAlive: keepAlive, now: loop.wallNow / 1000)
    setOutput(output)
    phase = keepAlive ? .head : .lingering
    let patience = keepAlive ? Self.idleMilliseconds : Self.lingerMilliseconds
    loop.setDeadline(self, at: loop.now + patience)
    // Whatever was sent after this request waits until the other connections had their turn.
    loop.requeue(self)
  }

  private func linger() {
    System.shutdownWrite(descriptor)
    consumeInput(inputCount)
    switch fill() {
    case .received: loop.requeue(self)
    case .wouldBlock: return
    case .full, .ended: end()
    }
  }
}
