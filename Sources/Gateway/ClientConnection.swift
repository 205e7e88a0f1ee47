import EventLoop
import HTTP
import Login
import TLS

/// A browser's HTTP/1 connection: reads request heads, lends itself to one exchange at a time, and ends cleanly.
final class ClientConnection: Channel {
  enum Phase {
    /// A balancer says whose connection it is.
    case proxyHeader
    /// TLS is being agreed on.
    case handshake
    /// Between requests, or in the middle of a request head.
    case head
    /// A request is being answered.
    case exchange
    /// The answer is sent; the rest of the request body is read and dropped, so that it is never taken for a request.
    case draining
    /// Nothing more will be answered; what the client still sends is dropped for a moment, so that it gets to read our last answer.
    case lingering
    /// WebSocket: bytes both ways.
    case tunnel
  }

  let worker: Worker
  /// Whose connection it is: the client's address, or that of a proxy which speaks HTTP. Where a balancer has told it with a PROXY header, what
  /// it said.
  private(set) var peer: SocketAddress
  let listener: ListenerInfo
  /// The peer's address as text, without its port.
  private(set) var peerText: [UInt8]
  var phase: Phase
  // Only until the handshake is over.
  private(set) var server: TLSServer?
  /// What the app is told of the client's certificate: whole lines; empty where nobody asks for one.
  private(set) var certificateLines: [UInt8] = []
  var exchange: Exchange?
  private var parser: RequestParser
  // Has storage only while a head is incomplete.
  private var head = RequestHead()
  // When the first byte of the present head arrived, in the loop's milliseconds.
  var headSince: Int64?
  var drain: BodyDecoder?
  var drained = 0
  private var isAdvancing = false
  /// A request has begun, or what should have been one.
  private(set) var hasBegun = false
  /// Where it stands in the worker's order of idle connections, if it does; the worker's to set.
  var idleQueue: Int?
  /// As whose it counts among the connections of client addresses, if these are counted.
  var countedNetwork: ClientNetwork?

  private static let headsEachRound = 32

  /// - Parameter server: for TLS; `nil` for a plain connection.
  init(descriptor: Int32, peer: SocketAddress, listener: ListenerInfo, worker: Worker, server: TLSServer? = nil) {
    self.server = server
    phase = server == nil ? .head : .handshake
    self.worker = worker
    self.peer = peer
    self.listener = listener
    peerText = peer.hostText
    // The header comes before everything else, TLS included.
    if listener.proxies != nil { phase = .proxyHeader }
    let limits = worker.rules.limits
    parser = RequestParser(maxHeadBytes: limits.headerBytes, maxFields: limits.headerCount)
    super.init(descriptor: descriptor, loop: worker.loop)
  }

  // Named, since the compiler takes the stub that it would make of it for a recursion.
  @available(*, unavailable)
  override init(descriptor: Int32, loop: EventLoop) { fatalError("a client connection needs a worker") }

  override func ready(_ readiness: Readiness) {
    note(readiness)
    if readiness.contains(.hangup), phase != .head, fillFailed() {
      abort()
      return
    }
    advance()
  }

  /// Goes on with whatever can go on.
  func advance() {
    isAdvancing = true
    defer { isAdvancing = false }
    var heads = 0
    while !isClosed {
      switch phase {
      case .proxyHeader: guard readProxyHeader() else { return }
      case .handshake: guard goOnWithHandshake() else { return }
      case .head:
        // A pipeline of requests does not keep the loop to itself.
        guard heads < Self.headsEachRound else { return loop.requeue(self) }
        heads += 1
        guard readHead() else { return }
      case .exchange, .tunnel:
        exchange?.advance()
        if phase == .exchange || phase == .tunnel { return }
      case .draining: guard drainBody() else { return }
      case .lingering:
        linger()
        return
      }
    }
  }

  override func deadlineReached() {
    switch phase {
    case .proxyHeader: worker.isDraining ? end() : refuseProxy("too slow")
    case .handshake:
      if isSecure { worker.services.handshakeWarning.warn(["listener": listener.name, "client": peer.host, "reason": "too slow"]) }
      end()
    case .head:
      if headSince != nil { refuse(408, "The request's head took too long to arrive.") } else { end() }
    case .exchange, .tunnel: exchange?.clientTimedOut()
    case .draining, .lingering: end()
    }
  }

  // MARK: PROXY

  /// A balancer has said whose connection this is; `nil` where it is its own.
  func proxyHeaderIsOver(_ client: SocketAddress?) {
    if let client {
      peer = client
      peerText = client.hostText
    }
    phase = server == nil ? .head : .handshake
    if server != nil { worker.handshakeBegan(self) }
  }

  // MARK: Handshake

  /// What the handshake has shown of the client's certificate.
  func tellCertificate(_ lines: [UInt8]) { certificateLines = lines }

  /// TLS is agreed on, or given up.
  func handshakeIsOver(nextPhase: Phase) {
    if let token { worker.handshakes.end(token) }
    server = nil
    if nextPhase == .lingering { startLingering() } else { phase = nextPhase }
  }

  // MARK: Parse

  /// True when something changed and there may be more to do.
  private func readHead() -> Bool {
    if inputIsEmpty {
      switch fill() {
      case .received: break
      case .wouldBlock:
        waitForRequest()
        return false
      case .full, .ended:
        end()
        return false
      }
    }
    while true {
      switch parse() {
      case .complete:
        begin()
        return true
      case .failed(let fault):
        refuse(fault.status, fault.reason)
        return true
      case .incomplete:
        if headSince == nil { headSince = loop.now }
        switch fill() {
        case .received: continue
        case .full:
          refuse(431, "request head too large")
          return true
        case .wouldBlock:
          worker.connectionIsIdle(self)
          setDeadline(at: min((headSince ?? loop.now) + worker.limits.headerTimeout, worker.lastHead))
          return false
        case .ended:
          end()
          return false
        }
      }
    }
  }

  private func parse() -> ParseOutcome<RequestFault> {
    let input = input
    var parser = parser
    var parsed = RequestHead()
    swap(&parsed, &head)
    if headSince == nil { swap(&parsed, &worker.spareHead) }
    let outcome = parser.parse(input.bytes.span.extracting(input.range), into: &parsed)
    swap(&parsed, &head)
    self.parser = parser
    return outcome
  }

  private func waitForRequest() {
    releaseOutputIfEmpty()
    if worker.closesIdle, hasBegun { return end() }
    worker.connectionIsIdle(self)
    // Before the first request there is only the time for its head, which began when the connection was accepted.
    if hasBegun { setDeadline(at: loop.now + worker.limits.idleTimeout) }
  }

  private func begin() {
    headSince = nil
    leaveIdle()
    let exchange = worker.takeExchange()
    self.exchange = exchange
    phase = .exchange
    var taken = RequestHead()
    swap(&taken, &head)
    exchange.begin(on: self, head: &taken)
    // The storage of the exchange's last one, for the next request of whoever sends it.
    swap(&taken, &worker.spareHead)
  }

  private func leaveIdle() {
    hasBegun = true
    worker.connectionIsBusy(self)
    clearDeadline()
  }

  /// Answers a request that could not be read, and ends: where it stops and another one begins cannot be told any more.
  func refuse(_ status: Int, _ reason: String) {
    leaveIdle()
    let exchange = worker.takeExchange()
    self.exchange = exchange
    phase = .exchange
    exchange.beginUnreadable(on: self)
    exchange.refuseUnreadable(status: status, reason: reason)
  }

  // MARK: After an answer

  /// The exchange is over and its answer is sent.
  /// - Parameters:
  ///   - mayContinue: the connection may carry another request.
  ///   - rest: what is left of the request's body, if it was not read to its end.
  func exchangeEnded(mayContinue: Bool, rest: BodyDecoder?) {
    if let exchange { worker.giveBack(exchange) }
    exchange = nil
    if !mayContinue || worker.closesIdle {
      if rest == nil, inputIsEmpty, !canRead || sawEnd {
        end()
      } else {
        startLingering()
      }
    } else if let rest {
      phase = .draining
      drain = rest
      drained = 0
      setDeadline(at: loop.now + worker.limits.headerTimeout)
    } else {
      phase = .head
    }
    // What is here already gets its turn: at once if `advance` is under way, else after everybody else's.
    guard !isClosed, !isAdvancing else { return }
    if inputIsEmpty, !canRead, phase == .head { waitForRequest() } else { loop.requeue(self) }
  }

  /// The answer to an upgrade was sent; from now on bytes go both ways.
  func becameTunnel() { phase = .tunnel }

  private func fillFailed() -> Bool {
    // A hang-up with an error pending is a reset; one without is a peer that has sent and read everything.
    failure != 0 || System.pendingError(descriptor) != 0
  }

  /// Another configuration is in force: its limits hold from the next head on.
  func takeLimits(headerBytes: Int, headerCount: Int) {
    var parser = parser
    parser.setLimits(maxHeadBytes: headerBytes, maxFields: headerCount)
    self.parser = parser
  }
}
