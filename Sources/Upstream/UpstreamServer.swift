import Config
import EventLoop
import Glibc
import TLS

/// One address of an app, as one loop sees it: its connections, the idle ones among them, and whether it answers.
package final class UpstreamServer: Pollable {
  /// What all loops share.
  package let record: UpstreamRecord
  package var health: PassiveHealth { healthState }
  package var ejection: Ejection { ejectionState }
  /// Connections lent to requests.
  package var active: Int { lentCount }

  // Stored apart: the compiler proves what it sees all accesses of, and checks the others each time.
  private var healthState = PassiveHealth()
  private var ejectionState: Ejection
  private var lentCount = 0
  private var whenSlotFreed: [() -> Bool] = []
  private let whenEjected: (() -> Void)?
  private let loop: EventLoop
  private var maximumIdle: Int
  private let maximumConnections: Int
  private var idleMilliseconds: Int64
  private let slowStartMilliseconds: Int64
  private let pool: BlockingPool
  private var idle: [UpstreamConnection] = []
  private var session: TLSSession?
  private var addresses: [SocketAddress]
  private var addressVersion: Int
  private var nextAddress = 0
  // Names are looked up again at most this often because a connection could not be made.
  private static let resolvePause: Int64 = 5000

  /// - Parameters:
  ///   - pool: looks names up.
  ///   - maximumIdle: connections kept for later requests.
  ///   - idleMilliseconds: how long one is kept.
  ///   - maximumConnections: in use and idle, on this loop.
  ///   - ejectionMilliseconds: the first pause of a server that fails; its count is in the record's settings.
  ///   - ejected: called when the server is left out for its failures.
  package init(
    record: UpstreamRecord, pool: BlockingPool, loop: EventLoop, maximumIdle: Int, idleMilliseconds: Int64, maximumConnections: Int = .max,
    ejectionMilliseconds: Int64 = 2000, slowStartMilliseconds: Int64 = 0, ejected: (() -> Void)? = nil
  ) {
    whenEjected = ejected
    self.record = record
    self.pool = pool
    self.loop = loop
    self.maximumIdle = maximumIdle
    self.idleMilliseconds = idleMilliseconds
    self.maximumConnections = maximumConnections
    self.slowStartMilliseconds = slowStartMilliseconds
    ejectionState = Ejection(failures: record.settings.ejection?.failures ?? 0, milliseconds: ejectionMilliseconds)
    addressVersion = record.version
    addresses = record.resolved
    super.init()
  }

  package var address: UpstreamAddress { record.address }

  /// `host:port`, for logs.
  package var name: String { record.name }

  /// Where the name leads; empty while it could not be looked up.
  package var resolved: [SocketAddress] {
    refreshAddresses()
    return addresses
  }

  /// How it is now, for whoever chooses among servers.
  package func view(_ now: Int64) -> ServerView {
    // A check that passes knows better than requests that failed before.
    if record.isDown || ejectionState.isKnownDown(now) && record.verdict != .up { return ServerView(standing: .down) }
    return ServerView(
      standing: healthState.isUp(now) && !ejectionState.isOut(now) ? .up : .doubtful, load: lentCount,
      share: SlowStart.share(since: max(record.returnedAt, ejectionState.returnsAt), now: now, duration: slowStartMilliseconds),
      isFull: lentCount >= maximumConnections)
  }

  // MARK: Connections

  /// The connection that was given back last, so that a few are used often and the rest can end.
  package func takeIdle() -> UpstreamConnection? {
    refreshAddresses()
    while let connection = popIdle() {
      if connection.isClosed { continue }
      // What has come since its last answer has no event yet, and would be taken for the answer to another request.
      connection.canRead = true
      guard case .wouldBlock = connection.fill() else {
        connection.close()
        continue
      }
      connection.hasCarried = true
      connection.clearDeadline()
      return connection
    }
    return nil
  }

  // The idle ones are taken out of their property while they change: an access to this object that is open meanwhile would cost a check each
  // time.
  private func popIdle() -> UpstreamConnection? {
    var connections: [UpstreamConnection] = []
    swap(&connections, &idle)
    let last = connections.popLast()
    swap(&connections, &idle)
    return last
  }

  private func pushIdle(_ connection: UpstreamConnection) {
    var connections: [UpstreamConnection] = []
    swap(&connections, &idle)
    connections.append(connection)
    swap(&connections, &idle)
  }

  private func removeIdle(where isGone: (UpstreamConnection) -> Bool) {
    var connections: [UpstreamConnection] = []
    swap(&connections, &idle)
    let gone = connections.filter(isGone)
    connections.removeAll(where: isGone)
    swap(&connections, &idle)
    for connection in gone { connection.close() }
  }

  /// Adds what is called when a connection that was lent is one no more, where somebody may wait for it; false from it means that nobody
  /// will any more. Those that were added first are called first.
  package func onSlotFreed(_ call: @escaping () -> Bool) { whenSlotFreed.append(call) }

  /// How many connections are kept for later, and for how long, from now on.
  package func setIdle(maximum: Int, milliseconds: Int64) {
    maximumIdle = maximum
    idleMilliseconds = milliseconds
    if idle.count > maximum { closeIdle() }
  }

  /// No new request will come here: what is idle ends now, and what is lent when it is given back.
  package func retire() { setIdle(maximum: 0, milliseconds: 0) }

  /// Connections kept for later.
  package var idleCount: Int { idle.count }

  /// A new connection, under way.
  /// - Throws: `SystemError` when it cannot even be tried; the server then counts as failed.
  package func connect() throws(SystemError) -> UpstreamConnection {
    refreshAddresses()
    guard !addresses.isEmpty else {
      failedToConnect()
      throw SystemError("getaddrinfo", EHOSTUNREACH)
    }
    // An idle connection that this request cannot have makes room for one that it can.
    if lentCount + idle.count >= maximumConnections, let oldest = idle.first { dropIdle(oldest) }
    let target = addresses[nextAddress % addresses.count]
    do throws(SystemError) {
      let descriptor = try System.connect(to: target)
      let connection = UpstreamConnection(descriptor: descriptor, server: self, loop: loop)
      connection.target = target
      try loop.add(connection, descriptor: descriptor)
      return connection
    } catch {
      failedToConnect()
      throw error
    }
  }

  /// TLS on a socket that is connected, with the session of the last connection that had one.
  func secureConnection(on descriptor: Int32) -> TLSConnection? {
    guard let secure = record.secure, let client = secure.client else { return nil }
    return client.connection(on: descriptor, name: secure.serverName, session: session, output: loop.tlsOutput)
  }

  /// A request uses the connection from now on, until `release`.
  /// - Parameter user: is told what happens to it.
  package func lend(_ connection: UpstreamConnection, to user: any UpstreamUser) {
    connection.user = user
    connection.isLent = true
    lentCount += 1
  }

  /// The request is over.
  /// - Parameter isReusable: the answer was read to its end, and the connection may carry another request.
  package func release(_ connection: UpstreamConnection, isReusable: Bool) {
    if connection.isLent {
      connection.isLent = false
      lentCount -= 1
    }
    connection.user = nil
    // Its ticket has come by now, and is good for the next connection.
    if connection.isSecure, !connection.isReused, let fresh = connection.session { session = fresh }
    if isReusable { giveBack(connection) } else { connection.close() }
    if !whenSlotFreed.isEmpty { tellOfSlot() }
  }

  private func tellOfSlot() {
    var index = 0
    while index < whenSlotFreed.count {
      let call = whenSlotFreed[index]
      if call() { index += 1 } else { whenSlotFreed.remove(at: index) }
    }
  }

  /// Keeps a connection, whose answer has been read to its end, for a later request.
  private func giveBack(_ connection: UpstreamConnection) {
    // Bytes beyond the answer, or an end already seen, mean that it cannot be trusted with another request.
    guard idle.count < maximumIdle, connection.inputIsEmpty, !connection.sawEnd, connection.failure == 0, connection.backlog == 0,
      isCurrent(connection)
    else {
      connection.close()
      return
    }
    // The end of the connection may have been announced together with the answer, and has no event of its own.
    if connection.canRead {
      guard case .wouldBlock = connection.fill() else { return connection.close() }
    }
    connection.releaseInputIfEmpty()
    connection.releaseOutputIfEmpty()
    connection.setDeadline(at: loop.now + idleMilliseconds)
    pushIdle(connection)
  }

  /// Ends all idle connections.
  package func closeIdle() {
    removeIdle { _ in true }
  }

  func dropIdle(_ connection: UpstreamConnection) {
    removeIdle { $0 === connection }
    connection.close()
  }

  // MARK: Addresses

  /// Whether the name still leads where the connection does.
  private func isCurrent(_ connection: UpstreamConnection) -> Bool {
    refreshAddresses()
    guard addressVersion > 0, let target = connection.target else { return true }
    return addresses.contains(target)
  }

  /// Takes over what a look-up has found since; idle connections to where the name does not lead any more end.
  private func refreshAddresses() {
    let version = record.version
    guard version != addressVersion else { return }
    addressVersion = version
    addresses = record.resolved
    nextAddress = 0
    let current = addresses
    removeIdle { connection in connection.target.map { !current.contains($0) } ?? false }
  }

  // MARK: Health

  /// An attempt failed: the next one goes to the name's next address.
  package func failedToConnect() {
    healthState.failed(loop.now)
    note(.connection)
    nextAddress = (nextAddress + 1) % max(1, addresses.count)
    record.resolve(on: pool, now: loop.now, pause: Self.resolvePause)
  }

  /// A request got no answer, one that is none, or none in time.
  package func failedToAnswer() { note(.answer) }

  /// An answer has begun.
  package func answered() { ejectionState.answered(loop.now) }

  func connected() {
    healthState.succeeded()
    ejectionState.connected()
  }

  private func note(_ failure: Ejection.Failure) {
    if ejectionState.failed(failure, loop.now) { whenEjected?() }
  }
}
