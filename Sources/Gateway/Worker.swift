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
  private(set) var rules: Rules
  /// The limits of connections that have no request under way.
  private(set) var limits: WorkerLimits
  let crypto = CryptoContext()
  let revocations: RevocationView
  private(set) var accessLog: AccessLogBuffer?
  let auditRecorder: AuditRecorder
  /// Names that a `Connection` field nominates; used within one head at a time.
  var nominations = ConnectionNominations()
  /// The end has begun: answers say `Connection: close`.
  private(set) var isDraining = false
  /// Shutdown has begun: connections between two requests end.
  private(set) var closesIdle = false
  private var isAccepting = true
  /// Once shutdown has begun: until when the head of a request may come, in the loop's milliseconds.
  private(set) var lastHead = Int64.max

  let streams: OpenStreams
  private lazy var logTick = LogTick(worker: self)
  private var acceptors: [Acceptor] = []
  /// An acceptor has paused because descriptors have run out: it looks again when a connection ends or becomes idle.
  var waitsForDescriptors = false
  private static let closingAttempts = 16
  private static let momentToSpeak: Int64 = 200
  private(set) var connections: [ObjectIdentifier: ClientConnection] = [:]
  // For each entrance those that have had a request, and those that have not.
  private let idle = IdleOrder(queues: 0)
  // Whether those that have had a request and are idle now are counted, because descriptors are scarce.
  private var countsKnown: Bool
  private var spareExchanges: [Exchange] = []
  /// Storage for the next request's head.
  var spareHead = RequestHead()
  /// Health checks and look-ups of names, on the loop that has them for all.
  var upstreamWatchers: [ObjectIdentifier: [Pollable]] = [:]
  private var watches = false
  private let workers: Int
  let handshakes: HandshakesUnderWay
  private var identifierState: UInt64
  private var dateSecond: Int64 = -1
  private var lastDateLine: [UInt8] = []
  private var drained: (@Sendable () -> Void)?

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
    }
  }

  private func listen(_ listener: ListenerInfo, on share: SocketShare) {
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

  // MARK: Reload

  /// Has another generation answer the requests that begin from now on. Connections stay; requests under way end under their own rules.
  /// - Parameter sockets: for the listeners, in the order of the configuration, that are new; `nil` for those that go on.
  func takeOver(_ generation: Generation, sockets: [SocketShare?]) {
    let before = rules
    rules = Rules(generation, services: services, loop: loop, crypto: crypto, index: index, workers: workers, before: before)
    limits = rules.limits
    spareExchanges = []
    let kept = Set(rules.servers.map { ObjectIdentifier($0) })
    for server in before.servers where !kept.contains(ObjectIdentifier(server)) { server.retire() }
    if watches { watchUpstreams() }
    accessLog?.flush()
    accessLog = generation.accessLog.map { AccessLogBuffer(sink: $0.sink, format: $0.format) }
    handshakes.setLimit(UpstreamPlan.share(of: generation.configuration.limits.handshakes, worker: index, workers: workers))
    loop.buffers.setInputCount(generation.inputBytes)
    countsKnown = services.admission.countsDescriptors
    for connection in connections.values { connection.takeLimits(headerBytes: limits.headerBytes, headerCount: limits.headerCount) }
    changeListeners(generation.listeners, sockets)
    countKnown()
  }

  private func changeListeners(_ listeners: [ListenerInfo], _ sockets: [SocketShare?]) {
    for acceptor in acceptors where !listeners.contains(where: { $0.entrance === acceptor.entrance }) { acceptor.finish() }
    acceptors.removeAll { $0.isClosed }
    for (listener, share) in zip(listeners, sockets) {
      if let share {
        listen(listener, on: share)
      } else {
        acceptors.first { $0.entrance === listener.entrance }?.setListener(listener)
      }
    }
  }

  /// Counts anew who is idle after a request, in case nobody has counted so far.
  private func countKnown() {
    guard countsKnown else { return }
    var counts: [ObjectIdentifier: Int] = [:]
    for connection in connections.values {
      let entrance = connection.listener.entrance
      if connection.idleQueue == 2 * entrance.slot { counts[ObjectIdentifier(entrance), default: 0] += 1 }
    }
    for entrance in services.admission.present {
      entrance.clocks[index].known.store(counts[ObjectIdentifier(entrance)] ?? 0, ordering: .relaxed)
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

  private func lookAgainForDescriptors() {
    guard waitsForDescriptors else { return }
    waitsForDescriptors = false
    for acceptor in acceptors { loop.requeue(acceptor) }
  }

  /// A connection waits for a request, or for the rest of its head: the oldest of these go first when there are too many.
  func connectionIsIdle(_ connection: ClientConnection) {
    guard connection.idleQueue == nil, let token = connection.token else { return }
    let entrance = connection.listener.entrance
    let queue = 2 * entrance.slot + (connection.hasBegun ? 0 : 1)
    connection.idleQueue = queue
    if idle.append(token, to: queue, since: loop.now) { noteOldest(entrance) }
    services.admission.becameIdle(entrance)
    if countsKnown, connection.hasBegun {
      entrance.clocks[index].known.add(1, ordering: .relaxed)
      lookAgainForDescriptors()
    }
  }

  func connectionIsBusy(_ connection: ClientConnection) {
    guard let queue = connection.idleQueue, let token = connection.token else { return }
    connection.idleQueue = nil
    let entrance = connection.listener.entrance
    if idle.remove(token, from: queue) { noteOldest(entrance) }
    if countsKnown, queue == 2 * entrance.slot { entrance.clocks[index].known.subtract(1, ordering: .relaxed) }
  }

  private func noteOldest(_ entrance: Entrance) {
    entrance.clocks[index].oldest.store(oldestIdle(entrance)?.due ?? .max, ordering: .relaxed)
  }

  /// Of those that came by an entrance, the connection that goes first, and from when on it may: one that has not had a request yet is given
  /// a moment, or a flood of new ones would close each before it can speak.
  private func oldestIdle(_ entrance: Entrance) -> (token: Pollable.Token, due: Int64)? {
    let stranger = idle.oldest(in: 2 * entrance.slot + 1).map { (token: $0.token, due: $0.since + Self.momentToSpeak) }
    guard let known = idle.oldest(in: 2 * entrance.slot) else { return stranger }
    if let stranger, stranger.due < known.since { return stranger }
    return (known.token, known.since)
  }

  /// What came of looking for a connection to close.
  enum Room {
    /// One was closed.
    case made
    /// The oldest one is another loop's: that loop is to be asked.
    case elsewhere(loop: Int, Entrance)
    /// Nothing is idle, or not for long enough.
    case none
  }

  /// Closes the connection that has been idle longest, of those that count at `gate`, if it is this loop's.
  func makeRoom(_ gate: Gate) -> Room {
    // A round that does not close anything has found one that is busy after all, and will be heard of when it is not.
    for _ in 0..<Self.closingAttempts {
      guard let oldest = services.admission.oldest(for: gate), oldest.due <= loop.now else { return .none }
      guard oldest.loop == index else { return .elsewhere(loop: oldest.loop, oldest.entrance) }
      if closeOldest(oldest.entrance) { return .made }
    }
    return .none
  }

  /// Closes this loop's connection that has been idle longest; false when there is none, or when it is not idle any more.
  func closeOldest(_ entrance: Entrance) -> Bool {
    guard let (token, due) = oldestIdle(entrance), due <= loop.now else { return false }
    return (loop.pollable(token) as? ClientConnection)?.makeRoom() ?? false
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

  /// There may be room again for those who wait at an entrance.
  func lookAgain(slot: Int) { acceptors.first { $0.entrance.slot == slot }?.ready(.readable) }

  /// Another loop was asked for room, and has done what it could.
  func roomWasMade(slot: Int) { acceptors.first { $0.entrance.slot == slot }?.wasAnswered() }

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

  private func finish(_ done: @Sendable () -> Void) {
    closeIdleUpstreams()
    accessLog?.flush()
    done()
  }

  /// Sees to it that access lines do not wait for long.
  func accessLineAdded() {
    if logTick.deadline == .max { loop.setDeadline(logTick, at: loop.now + LogTick.milliseconds) }
  }

  // MARK: Hand-over

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
    isDraining = true
    spareExchanges = []
    for acceptor in acceptors { acceptor.leave(unused: unused) }
    acceptors.removeAll()
    if connections.isEmpty { finish(done) } else { drained = done }
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
