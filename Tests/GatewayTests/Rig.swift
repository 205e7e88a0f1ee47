import Config
import Crypto
import Dispatch
import EventLoop
import Glibc
import HTTP
import Login
import Session
import Synchronization
import Testing
import Upstream

@testable import Audit
@testable import Gateway

/// Accounts, hosts and passwords that the tests of the gateway share.
enum Fixtures {
  static let password = "correct horse battery"
  /// bcrypt at its lowest cost, of `password`.
  static let bcrypt = "$2b$04$zAL2wU7bO4gGZrVdeZqSVOiL/a6mMg9fxQFUlBM9TvG4edwjkbRnK"
  static let accounts = "ann:\(bcrypt):Ann Example:ann@example.test:staff,admins\nbob:\(bcrypt)\n"
  static let host = "app.test"

  static func key(_ byte: UInt8, since: Int64 = 0) -> KeyRing.Key {
    KeyRing.Key(secret: Secret([UInt8](repeating: byte, count: 32)), since: since)
  }

  static func audience(_ site: String = host, host: String = host, scheme: String = "http") throws -> Audience {
    Audience(site: site, origin: try #require(WebOrigin(scheme: scheme, authority: [UInt8](host.utf8))))
  }

  /// A site with one of everything.
  static func site(users: String, upstreams: [SocketAddress]) -> Site {
    Site(
      name: host, hosts: [.exact(host), .wildcard("clinic.test")],
      upstreams: upstreams.map { UpstreamAddress(host: $0.host, port: $0.port) }, patients: [PatientRule(path: PathPattern("/patients"))],
      open: [PathPattern("/open/*")], start: "/home", background: [PathPattern("/poll")], appLogout: [PathPattern("/bye")],
      logins: [LoginSettings(.password(PasswordLoginSettings(users: users)))])
  }
}

/// One loop of the gateway with everything it needs, put together in the open, so that a test can look inside and hold things up.
final class Rig {
  let directory: TemporaryDirectory
  let settings: Settings
  let services: Services
  private(set) var generation: Generation
  let ring: KeyRing
  let address: SocketAddress
  let pool: BlockingPool
  let hashing: BlockingPool
  private let thread: LoopThread
  private var isRunning = true

  /// - Parameters:
  ///   - inputBytes: how much the loop receives at a time.
  ///   - change: what is different from the usual configuration.
  init(
    apps: [SocketAddress], store: EmbeddedStore? = nil, hashingLimit: Int = 8, auditLimit: LogQueueLimit = LogQueueLimit(),
    inputBytes: Int = 64 << 10, inherited: [SocketGroup] = [], changeSite: (inout Site) -> Void = { _ in },
    change: (inout Configuration) -> Void = { _ in }
  ) throws {
    directory = try TemporaryDirectory()
    try directory.write("users.passwd", Fixtures.accounts)
    var site = Fixtures.site(users: directory.file("users.passwd"), upstreams: apps)
    changeSite(&site)
    var configuration = Configuration(
      file: "gateway.conf", workers: 1, listeners: [Listener(address: "127.0.0.1", port: 0)], keys: directory.file("keys"),
      state: directory.file("state"), log: EventLog(path: directory.file("events.log")),
      accessLog: .to(EventLog(path: directory.file("access.log"))), audit: directory.file("audit"), limits: Limits(), sites: [site],
      shutdownTimeout: .seconds(10))
    change(&configuration)
    pool = try BlockingPool(name: "pool", threads: 1, limit: 64)
    let checkers = try Settings.forwardLogins(configuration, pool: pool, events: nil)
    let settings = Settings(configuration, forwardLogins: checkers)
    self.settings = settings
    let writer = try LogWriter()
    let events = try Events(writer: writer, destination: configuration.log)
    let audit = try AuditTrail(directory: configuration.audit, writer: writer, limit: auditLimit)
    let accessLog = try Gateway.open(configuration.accessLog, writer)
    ring = try #require(KeyRing([Fixtures.key(1)]))
    let store = try store ?? EmbeddedStore(directory: nil, returnLimit: 16, now: System.wallMilliseconds() / 1000)
    hashing = try BlockingPool(name: "hash", threads: 1, limit: hashingLimit)
    let keeper = LockKeeper(settings: settings, store: store, pool: pool, events: events) { System.wallMilliseconds() / 1000 }
    let limits = configuration.limits
    let admission = Admission(limit: limits.connections, perAddress: limits.connectionsPerAddress, loops: 1)
    let services = Services(
      store: store, audit: audit, events: events, writer: writer, pool: pool, hashing: hashing, lockKeeper: keeper, admission: admission,
      descriptors: 100_000, loops: 1)
    self.services = services
    for site in settings.sites { site.accounts.refresh(events: events) }
    let sockets = try ListeningSockets.open(
      configuration.listeners, before: nil, inherited: inherited, workers: 1, admission: admission, tickets: services.ticketSecrets)
    address = sockets.listeners[0].entrance.address
    let generation = Generation(
      settings: settings, ring: ring, upstreams: try Gateway.plan(configuration.sites, events), accessLog: accessLog,
      listeners: sockets.listeners)
    self.generation = generation
    thread = try LoopThread(name: "rig", inputBytes: inputBytes) { _ in }
    thread.handle.post { loop in
      let worker = Worker(loop: loop, index: 0, generation: generation, services: services, workers: 1)
      loop.context = worker
      worker.start(sockets: sockets.share(of: 0).compactMap { $0 }, watches: false)
    }
  }

  /// Brings another configuration into force, as a reload does.
  func takeOver(ring: KeyRing? = nil, change: (inout Configuration) -> Void) throws {
    let before = generation
    var configuration = before.configuration
    change(&configuration)
    let sockets = try ListeningSockets.open(
      configuration.listeners, before: before, workers: 1, admission: services.admission, tickets: services.ticketSecrets)
    let checkers = try Settings.forwardLogins(configuration, before: before.settings.forwardLogins, pool: pool, events: nil)
    let settings = Settings(configuration, forwardLogins: checkers, before: before.settings)
    for site in settings.sites { site.accounts.refresh(events: services.events) }
    let next = Generation(
      settings: settings, ring: ring ?? before.ring,
      upstreams: try Gateway.plan(configuration.sites, services.events, before: before.upstreams),
      accessLog: try Gateway.open(configuration.accessLog, services.writer), listeners: sockets.listeners)
    next.setLimits(services)
    generation = next
    try onLoop { $0.takeOver(next, sockets: sockets.share(of: 0)) }
    for listener in before.listeners where !next.listeners.contains(where: { $0.entrance === listener.entrance }) {
      listener.entrance.shut()
    }
  }

  deinit { stop() }

  /// Ends everything, cutting off what is still there; then the logs are whole.
  func stop() {
    guard isRunning else { return }
    isRunning = false
    thread.handle.post { loop in
      guard let worker = loop.context as? Worker else { return loop.stop() }
      worker.drain {}
      worker.abandon()
      loop.stop()
    }
    thread.join()
    hashing.finish()
    pool.finish()
    _ = services.writer.drain(within: .seconds(5))
  }

  /// A new connection to the gateway, by its first listener if no other is named.
  func connect(_ address: SocketAddress? = nil) throws -> Peer { Peer(try System.connect(to: address ?? self.address)) }

  /// A connection whose two sockets the test has made, the gateway's one with the smallest buffer there is.
  func connectNarrow() throws -> Peer {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw WireFault("socketpair: \(errno)") }
    let theirs = pair[1]
    _ = fcntl(theirs, F_SETFL, O_NONBLOCK)
    var count: Int32 = 1
    setsockopt(theirs, SOL_SOCKET, SO_SNDBUF, &count, socklen_t(MemoryLayout<Int32>.size))
    try onLoop { worker in
      let listener = worker.rules.generation.listeners[0]
      _ = worker.services.admission.enter(listener.entrance)
      guard let address = SocketAddress("127.0.0.1", port: 1) else { return }
      let connection = ClientConnection(descriptor: theirs, peer: address, listener: listener, worker: worker)
      try? worker.loop.add(connection, descriptor: theirs)
      worker.connectionBegan(connection)
    }
    return Peer(pair[0])
  }

  /// What `look` sees on the loop's thread, after everything that the loop was doing.
  @discardableResult
  func onLoop<Value: Sendable>(_ look: @escaping @Sendable (Worker) -> Value) throws -> Value {
    let answer = Answer<Value>()
    thread.handle.post { loop in
      answer.value.withLock { $0 = (loop.context as? Worker).map(look) }
      answer.isThere.signal()
    }
    guard answer.isThere.wait(timeout: .now() + 10) == .success, let value = answer.value.withLock({ $0 }) else {
      throw WireFault("the loop does not answer")
    }
    return value
  }

  /// Keeps the loop busy until `release` is signalled, and has it do `then` before it looks at anything else; comes back when it is busy.
  func hold(_ release: DispatchSemaphore, then: @escaping @Sendable (Worker) -> Void = { _ in }) {
    let entered = DispatchSemaphore(value: 0)
    post { worker in
      entered.signal()
      release.wait()
      then(worker)
    }
    entered.wait()
  }

  /// Has `call` run on the loop's thread, after what happened before.
  func post(_ call: @escaping @Sendable (Worker) -> Void) {
    thread.handle.post { loop in (loop.context as? Worker).map(call) }
  }

  private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  /// Comes back when `holds` is true on the loop's thread.
  func until(_ what: String, _ holds: @escaping @Sendable (Worker) -> Bool) throws {
    let limit = System.monotonicMilliseconds() + 10_000
    while try !onLoop(holds) {
      guard System.monotonicMilliseconds() < limit else { throw WireFault("never: \(what)") }
    }
  }

  /// A session cookie as a login gives it.
  func cookie(
    user: String = "ann", host: String = Fixtures.host, site: String = Fixtures.host, isSecure: Bool = false, id: SessionID = .random(),
    change: (inout SessionContent) -> Void = { _ in }
  ) throws -> String {
    let now = System.wallMilliseconds() / 1000
    let account = try #require(settings.sites[0].accounts.accounts.account(named: user))
    var content = SessionContent(
      id: id, user: account.user, name: account.name, email: account.email, groups: account.groups, stamp: account.stamp,
      authenticatedAt: now, lastActivity: now, notAfter: now + 3600)
    change(&content)
    return "anteroom="
      + (try SessionSealer(ring: ring, crypto: CryptoContext()).seal(
        content, context: SealContext(site: site, host: [UInt8](host.utf8).span, isSecure: isSecure), now: now))
  }

  /// The access lines so far; to be asked for once the rig has stopped.
  var accessLines: [String] { directory.lines("access.log") }
  var auditLines: [String] { directory.allLines(below: "audit") }
  var eventLines: [String] { directory.lines("events.log") }
}

extension Worker {
  /// The requests under way on all connections.
  var exchanges: [Exchange] {
    let connections = Mirror(reflecting: self).children.first { $0.label == "connections" }?.value
    return (connections as? [ObjectIdentifier: ClientConnection])?.values.compactMap(\.exchange) ?? []
  }

  /// What they wait for.
  var stages: [Exchange.Stage] { exchanges.map(\.stage) }
}

extension BlockingPool {
  /// Keeps one thread busy until what comes back is signalled; comes back when it is busy.
  func hold() throws -> DispatchSemaphore {
    let (entered, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let isTaken = offer {
      entered.signal()
      release.wait()
    }
    guard isTaken else { throw WireFault("the pool's queue is full") }
    entered.wait()
    return release
  }

  /// Comes back when all that was offered before is done, as far as one thread does it.
  func catchUp() {
    let done = DispatchSemaphore(value: 0)
    while !offer({ done.signal() }) {}
    done.wait()
  }
}

/// A request's text.
func request(_ method: String = "GET", _ target: String, _ fields: [String] = [], host: String = Fixtures.host, body: String? = nil)
  -> String
{
  let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
  return (["\(method) \(target) HTTP/1.1", "Host: \(host)"] + fields + length).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}

/// An answer's text.
func answer(_ status: String = "200 OK", _ fields: [String] = [], body: String = "fine") -> String {
  (["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)"]).joined(separator: "\r\n") + "\r\n\r\n" + body
}

let navigation = "Sec-Fetch-Mode: navigate"

extension Site {
  /// Changes the settings of the password login.
  mutating func changePassword(_ change: (inout PasswordLoginSettings) -> Void) {
    for index in logins.indices {
      guard case .password(var settings) = logins[index].kind else { continue }
      change(&settings)
      logins[index].kind = .password(settings)
    }
  }
}
