import Audit
import Config
import Crypto
import EventLoop
import Glibc
import HTTP
import Login
import Session
import Upstream

/// The limits as a loop uses them, in milliseconds.
struct WorkerLimits {
  let headerTimeout: Int64
  let idleTimeout: Int64
  let upstreamTimeout: Int64
  let upstreamStallTimeout: Int64
  let connectTimeout: Int64
  let bodyPace: LeastRate.Rule
  let answerPace: LeastRate.Rule

  init(_ limits: Limits) {
    headerTimeout = limits.headerTimeout.milliseconds
    idleTimeout = limits.idleTimeout.milliseconds
    upstreamTimeout = limits.upstreamTimeout.milliseconds
    upstreamStallTimeout = limits.upstreamStallTimeout.milliseconds
    connectTimeout = limits.connectTimeout.milliseconds
    let grace = limits.rateGrace.milliseconds
    bodyPace = LeastRate.Rule(bytesPerSecond: Int64(limits.bodyRate ?? 0), grace: grace, idle: idleTimeout)
    answerPace = LeastRate.Rule(bytesPerSecond: Int64(limits.sendRate ?? 0), grace: grace, idle: idleTimeout)
  }
}

extension Duration {
  /// Rounded up.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

/// One event loop's share of the gateway: everything that a request needs, on the thread that handles it.
final class Worker {
  let loop: EventLoop
  /// Which of the loops this is, from 0.
  let index: Int
  let settings: Settings
  let services: Services
  let limits: WorkerLimits
  let sites: [SiteState]
  let hosts: HostContexts
  let crypto = CryptoContext()
  let sealer: SessionSealer
  let revocations: RevocationView
  let pendingReturns: PendingReturnSealer
  let accessLog: AccessLogBuffer?
  let auditRecorder: AuditRecorder
  /// Names that a `Connection` field nominates; used within one head at a time.
  var nominations = ConnectionNominations()
  /// Shutdown has begun: answers say `Connection: close`.
  private(set) var isDraining = false
  /// Once shutdown has begun: until when the head of a request may come, in the loop's milliseconds.
  private(set) var lastHead = Int64.max

  let streams: OpenStreams
  private lazy var logTick = LogTick(worker: self)
  private var acceptors: [Acceptor] = []
  /// An acceptor has paused because descriptors have run out: it looks again when a connection ends or becomes idle.
  var waitsForDescriptors = false
  private static let closingAttempts = 16
  private static let momentToSpeak: Int64 = 200
  private var connections: [ObjectIdentifier: ClientConnection] = [:]
  // For each listener those that have had a request, and those that have not.
  private let idle: IdleOrder
  private let idleClocks: [IdleClock]
  private var spareExchanges: [Exchange] = []
  /// Storage for the next request's head.
  var spareHead = RequestHead()
  let servers: [UpstreamServer]
  private var identifierState: UInt64
  private var dateSecond: Int64 = -1
  private var lastDateLine: [UInt8] = []
  private var drained: (@Sendable () -> Void)?
  /// What the apps said last when they were asked whether they take connections, and who waits for that.
  var readiness: (at: Int64, isReady: Bool)?
  var readinessWaiters: [(Bool) -> Void] = []
  var readinessRound = 0

  var configuration: Configuration { settings.configuration }

  /// - Parameters:
  ///   - index: which of the loops this is, from 0; there are `workers` of them.
  ///   - upstreams: what all of them share of the apps.
  init(loop: EventLoop, index: Int, settings: Settings, services: Services, upstreams: UpstreamPlan, workers: Int) {
    self.loop = loop
    self.index = index
    idle = IdleOrder(queues: 2 * settings.configuration.listeners.count)
    idleClocks = services.admission.clocks(loop: index)
    self.settings = settings
    hosts = HostContexts(settings)
    streams = OpenStreams(loop: loop)
    self.services = services
    let limits = settings.configuration.limits
    self.limits = WorkerLimits(limits)
    sealer = SessionSealer(ring: services.ring, crypto: crypto)
    revocations = RevocationView(services.store.revocations)
    pendingReturns = PendingReturnSealer(ring: services.ring)
    let servers = upstreams.records.map { Self.server($0, services, limits, loop, worker: index, workers: workers) }
    self.servers = servers
    sites = zip(settings.sites, upstreams.sites).map { site, places in
      let upstream = site.site.upstreamSettings
      let length = UpstreamPlan.share(of: upstream.queue.length, worker: index, workers: workers)
      let queue = upstream.maxConnections.map { _ in RequestQueue(length: length, wait: upstream.queue.wait, loop: loop) }
      if let queue { try? loop.add(queue) }
      return SiteState(site, servers: places.map { servers[$0] }, queue: queue)
    }
    if case .to(let log) = settings.configuration.accessLog, let sink = services.accessSink {
      accessLog = AccessLogBuffer(sink: sink, format: log.format)
    } else {
      accessLog = nil
    }
    auditRecorder = AuditRecorder(services.audit)
    identifierState = Random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Connections

  /// Begins to accept on this loop's share of the listening sockets.
  /// - Parameter watches: the accounts, names and apps, for all workers.
  func start(sockets: [(address: SocketAddress, descriptor: Int32)], watches: Bool) {
    services.admission.register(loop.handle, loop: index)
    for (number, (address, descriptor)) in sockets.enumerated() {
      let listener = ListenerInfo(configuration.listeners[number], index: number, name: "\(address)")
      let acceptor = Acceptor(descriptor: descriptor, listener: listener, worker: self)
      do throws(SystemError) {
        try loop.add(acceptor, descriptor: descriptor)
        acceptors.append(acceptor)
      } catch {
        services.events.error("a listener is lost", ["reason": "\(error)"])
      }
    }
    try? loop.add(logTick)
    try? loop.add(streams)
    if watches {
      watchUpstreams()
      let tick = AccountsTick(worker: self)
      try? loop.add(tick)
      tick.deadlineReached()
    }
  }

  func connectionBegan(_ connection: ClientConnection) {
    connections[ObjectIdentifier(connection)] = connection
    connectionIsIdle(connection)
  }

  func connectionEnded(_ connection: ClientConnection) {
    connections[ObjectIdentifier(connection)] = nil
    connectionLeaves(connection)
    if connections.isEmpty, let drained {
      self.drained = nil
      finish(drained)
    }
  }

  /// Counts a connection for its client's address; false when that has as many as it may have.
  func countsAddress(of peer: SocketAddress) -> Bool {
    guard let addresses = services.admission.addresses, let network = ClientNetwork(text: peer.host), !addresses.enter(network) else {
      return true
    }
    services.connectionWarning.warn(["limit": "connections_per_address", "number": "\(addresses.limit)", "client": peer.host])
    return false
  }

  /// Gives back the places that a connection took.
  func connectionLeaves(_ connection: ClientConnection) {
    if connection.isCountedByAddress, let addresses = services.admission.addresses, let network = ClientNetwork(text: connection.peer.host)
    {
      addresses.leave(network)
    }
    services.admission.leave(listener: connection.listener.index)
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
    let listener = connection.listener.index
    let queue = 2 * listener + (connection.hasBegun ? 0 : 1)
    connection.idleQueue = queue
    if idle.append(token, to: queue, since: loop.now) { noteOldest(listener) }
    services.admission.becameIdle(listener: listener)
    if services.admission.descriptors != nil, connection.hasBegun {
      idleClocks[listener].known.add(1, ordering: .relaxed)
      lookAgainForDescriptors()
    }
  }

  func connectionIsBusy(_ connection: ClientConnection) {
    guard let queue = connection.idleQueue, let token = connection.token else { return }
    connection.idleQueue = nil
    let listener = connection.listener.index
    if idle.remove(token, from: queue) { noteOldest(listener) }
    if services.admission.descriptors != nil, queue == 2 * listener { idleClocks[listener].known.subtract(1, ordering: .relaxed) }
  }

  private func noteOldest(_ listener: Int) {
    idleClocks[listener].oldest.store(oldestIdle(listener)?.due ?? .max, ordering: .relaxed)
  }

  /// Of those that came by a listener, the connection that goes first, and from when on it may: one that has not had a request yet is given
  /// a moment, or a flood of new ones would close each before it can speak.
  private func oldestIdle(_ listener: Int) -> (token: Pollable.Token, due: Int64)? {
    let stranger = idle.oldest(in: 2 * listener + 1).map { (token: $0.token, due: $0.since + Self.momentToSpeak) }
    guard let known = idle.oldest(in: 2 * listener) else { return stranger }
    if let stranger, stranger.due < known.since { return stranger }
    return (known.token, known.since)
  }

  /// What came of looking for a connection to close.
  enum Room {
    /// One was closed.
    case made
    /// The oldest one is another loop's: that loop is to be asked.
    case elsewhere(loop: Int, listener: Int)
    /// Nothing is idle, or not for long enough.
    case none
  }

  /// Closes the connection that has been idle longest, of those that count at `gate`, if it is this loop's.
  func makeRoom(_ gate: Gate) -> Room {
    // A round that does not close anything has found one that is busy after all, and will be heard of when it is not.
    for _ in 0..<Self.closingAttempts {
      guard let oldest = services.admission.oldest(for: gate), oldest.due <= loop.now else { return .none }
      guard oldest.loop == index else { return .elsewhere(loop: oldest.loop, listener: oldest.listener) }
      if closeOldest(listener: oldest.listener) { return .made }
    }
    return .none
  }

  /// Closes this loop's connection that has been idle longest; false when there is none, or when it is not idle any more.
  func closeOldest(listener: Int) -> Bool {
    guard let (token, due) = oldestIdle(listener), due <= loop.now else { return false }
    return (loop.pollable(token) as? ClientConnection)?.makeRoom() ?? false
  }

  /// Closes what is only kept for later: connections to apps, and pipes.
  func closeIdleUpstreams() {
    for server in servers { server.closeIdle() }
    loop.buffers.closePipes()
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
      _ = idleClocks.indices.contains { closeOldest(listener: $0) }
      return try server.connect()
    }
  }

  /// There may be room again for those who wait at a listener.
  func lookAgain(listener: Int) { acceptors.first { $0.serves(listener) }?.ready(.readable) }

  /// Another loop was asked for room, and has done what it could.
  func roomWasMade(listener: Int) { acceptors.first { $0.serves(listener) }?.wasAnswered() }

  /// Ends idle connections at once, stops accepting, and calls `done` when the last one is over. Whoever has just connected, and may still
  /// be in the kernel's queue, has a new connection's moment to send a request.
  func drain(_ done: @escaping @Sendable () -> Void) {
    isDraining = true
    lastHead = loop.now + Self.momentToSpeak
    spareExchanges = []
    for connection in Array(connections.values) { connection.shutDown() }
    for acceptor in acceptors { acceptor.finish() }
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

  // MARK: Exchanges

  func takeExchange() -> Exchange {
    var spare: [Exchange] = []
    swap(&spare, &spareExchanges)
    let exchange = spare.popLast()
    swap(&spare, &spareExchanges)
    return exchange ?? Exchange(worker: self)
  }

  func giveBack(_ exchange: Exchange) {
    exchange.reset()
    // Exchanges hold their worker: when it ends it keeps none.
    guard spareExchanges.count < 256, !isDraining else { return }
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
