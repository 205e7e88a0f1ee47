import Audit
import Config
import Crypto
import EventLoop
import Glibc
import HTTP
import Login
import Session
import Upstream

/// One event loop's share of the gateway: everything that a request needs, on the thread that handles it.
final class Worker {
  let loop: EventLoop
  /// Which of the loops this is, from 0.
  let index: Int
  let services: Services
  /// What requests that begin now are judged and answered by.
  var rules: Rules
  /// The limits of connections that have no request under way.
  var limits: WorkerLimits
  let crypto = CryptoContext()
  let revocations: RevocationView
  var accessLog: AccessLogBuffer?
  let auditRecorder: AuditRecorder
  /// Names that a `Connection` field nominates; used within one head at a time.
  var nominations = ConnectionNominations()
  /// The end has begun: answers say `Connection: close`.
  var isDraining = false
  /// Shutdown has begun: connections between two requests end.
  var closesIdle = false
  var isAccepting = true
  /// Once shutdown has begun: until when the head of a request may come, in the loop's milliseconds.
  var lastHead = Int64.max

  let streams: OpenStreams
  private lazy var logTick = LogTick(worker: self)
  var acceptors: [Acceptor] = []
  /// An acceptor has paused because descriptors have run out: it looks again when a connection ends or becomes idle.
  var waitsForDescriptors = false
  /// Within which a connection that was accepted may begin to speak, in milliseconds.
  static let momentToSpeak: Int64 = 200
  private(set) var connections: [ObjectIdentifier: ClientConnection] = [:]
  // For each entrance those that have had a request, and those that have not.
  let idle = IdleOrder(queues: 0)
  // Whether those that have had a request and are idle now are counted, because descriptors are scarce.
  var countsKnown: Bool
  var spareExchanges: [Exchange] = []
  /// Storage for the next request's head.
  var spareHead = RequestHead()
  /// Health checks and look-ups of names, on the loop that has them for all.
  var upstreamWatchers: [ObjectIdentifier: [Pollable]] = [:]
  var watches = false
  let workers: Int
  let handshakes: HandshakesUnderWay
  private var identifierState: UInt64
  private var dateSecond: Int64 = -1
  private var lastDateLine: [UInt8] = []
  var drained: (@Sendable () -> Void)?

  /// - Parameters:
  ///   - index: which of the loops this is, from 0; there are `workers` of them.
  init(loop: EventLoop, index: Int, generation: Generation, services: Services, workers: Int) {
    self.loop = loop
    self.index = index
    self.workers = workers
    streams = OpenStreams(loop: loop)
    self.services = services
    rules = Rules(generation, services: services, loop: loop, crypto: crypto, index: index, workers: workers)
    limits = rules.limits
    countsKnown = services.admission.countsDescriptors
    revocations = RevocationView(services.store.revocations)
    handshakes = HandshakesUnderWay(
      limit: UpstreamPlan.share(of: generation.configuration.limits.handshakes, worker: index, workers: workers))
    accessLog = generation.accessLog.map { AccessLogBuffer(sink: $0.sink, format: $0.format) }
    auditRecorder = AuditRecorder(services.audit)
    identifierState = Random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Connections

  /// Begins to accept on this loop's share of the listening sockets.
  /// - Parameters:
  ///   - sockets: one for each listener, in the order of the configuration.
  ///   - watches: the accounts, names and apps, for all workers.
  ///   - accepts: begin at once; else with `resumeAccepting`.
  func start(sockets: [SocketShare], watches: Bool, accepts: Bool = true) {
    services.admission.register(loop.handle, loop: index)
    self.watches = watches
    isAccepting = accepts
    for (listener, share) in zip(rules.generation.listeners, sockets) { listen(listener, on: share) }
    try? loop.add(logTick)
    try? loop.add(streams)
    let sessions = SessionsTick(worker: self)
    try? loop.add(sessions)
    sessions.deadlineReached()
    if watches {
      watchUpstreams()
      let tick = AccountsTick(worker: self)
      try? loop.add(tick)
      tick.deadlineReached()
      let certificates = CertificatesTick(worker: self)
      try? loop.add(certificates)
      certificates.deadlineReached()
      let providers = ProvidersTick(worker: self)
      try? loop.add(providers)
      providers.deadlineReached()
    }
  }

  func listen(_ listener: ListenerInfo, on share: SocketShare) {
    idle.grow(queues: 2 * (listener.entrance.slot + 1))
    let acceptor = Acceptor(share, listener: listener, worker: self)
    do throws(SystemError) {
      try loop.add(acceptor)
      if isAccepting { try acceptor.start() }
      acceptors.append(acceptor)
    } catch {
      acceptor.finish()
      services.events.error("a listener is lost", ["reason": "\(error)"])
    }
  }

  func connectionBegan(_ connection: ClientConnection) {
    connections[ObjectIdentifier(connection)] = connection
    connectionIsIdle(connection)
  }

  /// A connection's TLS handshake is under way; where there are too many, the one that is oldest is given up.
  func handshakeBegan(_ connection: ClientConnection) {
    guard let token = connection.token, let oldest = handshakes.begin(token, now: loop.now) else { return }
    services.connectionWarning.warn(["limit": "handshakes", "number": "\(rules.generation.configuration.limits.handshakes)"])
    (loop.pollable(oldest) as? ClientConnection)?.end()
  }

  func connectionEnded(_ connection: ClientConnection) {
    connections[ObjectIdentifier(connection)] = nil
    connectionLeaves(connection)
    if connections.isEmpty, let drained {
      self.drained = nil
      finish(drained)
    }
  }

  /// Counts a connection for its client's address, if these are counted; false when that one has as many as it may have.
  func countAddress(of connection: ClientConnection) -> Bool {
    let addresses = services.admission.addresses
    guard let limit = addresses.limit, let network = ClientNetwork(text: connection.peer.host) else { return true }
    guard addresses.enter(network) else {
      services.connectionWarning.warn(["limit": "connections_per_address", "number": "\(limit)", "client": connection.peer.host])
      return false
    }
    connection.countedNetwork = network
    return true
  }

  /// Gives back the places that a connection took.
  func connectionLeaves(_ connection: ClientConnection) {
    if let network = connection.countedNetwork { services.admission.addresses.leave(network) }
    services.admission.leave(connection.listener.entrance)
    lookAgainForDescriptors()
  }

  func lookAgainForDescriptors() {
    guard waitsForDescriptors else { return }
    waitsForDescriptors = false
    for acceptor in acceptors { loop.requeue(acceptor) }
  }

  /// Closes the connections to apps that are kept for later requests.
  func closeIdleUpstreams() {
    for server in rules.servers { server.closeIdle() }
  }

  /// A new connection to an app; where file descriptors have run out, after those were closed that nobody needs now.
  /// - Throws: `SystemError` when it cannot even be tried.
  func connect(to server: UpstreamServer) throws(SystemError) -> UpstreamConnection {
    do throws(SystemError) {
      return try server.connect()
    } catch {
      guard error.code == EMFILE || error.code == ENFILE else { throw error }
      services.descriptorsRunOut(error.description, now: loop.now)
      closeIdleUpstreams()
      _ = services.admission.present.contains { closeOldest($0) }
      return try server.connect()
    }
  }

  /// Sees to it that access lines do not wait for long.
  func accessLineAdded() {
    if logTick.deadline == .max { loop.setDeadline(logTick, at: loop.now + LogTick.milliseconds) }
  }

  // MARK: Exchanges

  func takeExchange() -> Exchange {
    var spare: [Exchange] = []
    swap(&spare, &spareExchanges)
    let exchange = spare.popLast()
    swap(&spare, &spareExchanges)
    return exchange ?? Exchange(worker: self, rules: rules)
  }

  func giveBack(_ exchange: Exchange) {
    exchange.reset()
    // Exchanges hold their worker: when it ends it keeps none.
    guard spareExchanges.count < 256, !isDraining, exchange.rules === rules else { return }
    var spare: [Exchange] = []
    swap(&spare, &spareExchanges)
    spare.append(exchange)
    swap(&spare, &spareExchanges)
  }

  /// One that no other request has (SplitMix64 over a random start: told apart, not secret).
  func nextRequestID() -> RequestID {
    let state = identifierState &+ 0x9E37_79B9_7F4A_7C15
    identifierState = state
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return RequestID(mixed ^ (mixed >> 31))
  }

  /// Appends the `Date` line.
  func appendDate(to output: inout [UInt8]) { output.append(copying: dateLine()) }

  /// The `Date` line, made once a second.
  func dateLine() -> [UInt8] {
    let second = loop.wallNow / 1000
    if second != dateSecond {
      dateSecond = second
      var line: [UInt8] = []
      line.appendLiteral("Date: ")
      HTTPDate(secondsSince1970: second).appendIMFFixdate(to: &line)
      line.appendLiteral("\r\n")
      lastDateLine = line
    }
    return lastDateLine
  }
}
