import Audit
import CLinux
import Config
import EventLoop
import Login
import Session
import Synchronization
import TLS
import Upstream

/// The whole gateway: its threads, from the first accepted connection to the last log line.
package final class Gateway: Sendable {
  /// For what the caller has to say.
  package let events: Events

  let services: Services
  let threads: [LoopThread]
  /// Reloads, and what is asked over the admin socket.
  let operations: BlockingPool
  let admin: AdminServer?
  let identity: Identity
  let load: (@Sendable () -> LoadedConfiguration)?
  /// What was read at start, and holds until the end where a reload cannot change it.
  let started: Configuration
  let current: Mutex<Current>
  /// The service manager's, whether a listener names them now or not.
  let passed: [SocketGroup]
  /// The earlier processes that still end what they have.
  let predecessors = Mutex(Predecessors())
  let program: [String]?
  private let notifyAddress: String?
  /// Held by the one reload that is under way.
  let reloading = Mutex<Void>(())
  let history = Mutex(ReloadHistory())
  private let draining = Atomic<Int>(0)
  // How many milliseconds what is done off the loops may go on when these have ended.
  private static let lastWork: Int64 = 2000

  /// What a reload changes.
  struct Current {
    var generation: Generation
    /// For each listener.
    var sockets: [SocketGroup]
    var isStopping = false
    /// The process that accepts in place of this one.
    var successor: Int32?
  }

  /// Earlier processes.
  struct Predecessors {
    var processes: [Int32] = []
    /// To be called once there are none.
    var whenGone: (@Sendable () -> Void)?
  }

  /// Which program this is, and since when it runs.
  struct Identity: Sendable {
    let version: String
    /// Milliseconds since 1970 UTC, and of the monotonic clock.
    let startedAt = System.wallMilliseconds()
    let startedMonotonic = System.monotonicMilliseconds()
  }

  /// Brings a configuration into force. When this returns, connections are accepted. `Signals.block` was called before.
  /// - Parameters:
  ///   - warnings: what reading the configuration found; logged before anything else.
  ///   - isInMemory: keep nothing under `state`, as the demo does.
  ///   - version: as `status` tells it.
  ///   - inheritance: what this process was started with.
  ///   - load: reads and checks the configuration anew, for a reload; `nil` where there is none.
  /// - Throws: `StartFault` with the mend, when a file, an address or a resource is not to be had.
  package init(
    _ configuration: Configuration, warnings: [Diagnostic] = [], isInMemory: Bool = false, version: String = "",
    inheritance: Inheritance = Inheritance(), load: (@Sendable () -> LoadedConfiguration)? = nil
  ) throws(StartFault) {
    started = configuration
    identity = Identity(version: version)
    self.load = load
    notifyAddress = inheritance.notifyAddress
    program = inheritance.program
    let (gift, given) = try Self.take(inheritance, configuration)
    passed = given.filter(\.isPassed)
    let now = System.wallMilliseconds() / 1000
    let ticketSecrets = Services.newTicketSecrets()
    let writer: LogWriter
    let audit: AuditTrail
    var accessLog: (sink: LogSink, format: EventLog.Format)?
    do throws(LogFileError) {
      writer = try LogWriter()
      events = try Events(writer: writer, destination: configuration.log)
      audit = try AuditTrail(directory: configuration.audit, writer: writer)
      accessLog = try Self.open(configuration.accessLog, writer)
    } catch {
      throw StartFault("\(error)")
    }
    for warning in warnings { events.warning(warning) }
    let ring = try Self.openRing(configuration, gift, now: now)
    let store = try Self.openStore(isInMemory ? nil : configuration.state, configuration, gift, now: now)
    for warning in store.warnings + [audit.warning].compactMap({ $0 }) { events.warning(warning) }
    let upstreams = try Self.plan(configuration.sites, events)
    admin = try Self.adminServer(configuration.admin, gift)
    let workers = configuration.workers ?? System.usableProcessors()
    let limits = configuration.limits
    let admission = Admission(limit: limits.connections, perAddress: limits.connectionsPerAddress, loops: workers)
    let sockets = try ListeningSockets.open(
      configuration.listeners, before: nil, inherited: given, workers: workers, admission: admission, tickets: ticketSecrets)
    if gift == nil { try Self.check(passed, sockets) }
    let pool: BlockingPool
    do throws(SystemError) { pool = try BlockingPool(name: "pool", threads: 2, limit: 1024) } catch { throw StartFault("\(error)") }
    let settings = try Self.settings(configuration, pool, events)
    do throws(SystemError) {
      let descriptors = Self.raiseDescriptorLimit(limits, events)
      let hashing = try BlockingPool(name: "hash", threads: workers, limit: limits.pendingLogins)
      operations = try BlockingPool(name: "admin", threads: 2, limit: 16)
      let keeper = LockKeeper(settings: settings, store: store, pool: pool, events: events) { System.wallMilliseconds() / 1000 }
      services = Services(
        store: store, audit: audit, events: events, writer: writer, pool: pool, hashing: hashing, lockKeeper: keeper, admission: admission,
        descriptors: descriptors, loops: workers, providerSessions: limits.providerSessions, ticketSecrets: ticketSecrets)
      if gift == nil {
        keeper.restore()
        services.restoreSessions(ring, now: now)
      }
      let generation = Generation(
        settings: settings, ring: ring, upstreams: upstreams, accessLog: accessLog, listeners: sockets.listeners)
      generation.setLimits(services)
      for site in settings.sites { site.accounts.refresh(events: events) }
      current = Mutex(Current(generation: generation, sockets: sockets.opened.compactMap { $0 }))
      threads = try Self.start(generation, services: services, sockets: sockets, workers: workers, accepts: gift == nil)
      if gift == nil { try admin?.serve(self) }
    } catch {
      throw StartFault("\(error)")
    }
    if let gift, let predecessor = inheritance.predecessor {
      predecessors.withLock { $0.processes = [gift.process] }
      try takeOver(from: predecessor, unused: Self.unused(gift, sockets, admin))
      do throws(SystemError) { try admin?.serve(self) } catch { throw StartFault("\(error)") }
    }
    events.info("ready", ["listening": origins.joined(separator: " "), "workers": "\(workers)"])
    // After a hand-over it is ready already, and this process may not be the one that it listens to yet.
    if gift == nil { notify("READY=1") }
  }

  /// Tells the service manager how we are, as sd_notify(3) has it.
  func notify(_ state: String) { ServiceManager.notify(notifyAddress, state) }

  /// Where it listens, in the order of the configuration; a port of 0 is the one the kernel chose.
  package var addresses: [SocketAddress] { generation.listeners.map(\.entrance.address) }

  /// What requests that begin now are answered by.
  var generation: Generation { current.withLock { $0.generation } }

  static func open(_ accessLog: AccessLog, _ writer: LogWriter) throws(LogFileError) -> (sink: LogSink, format: EventLog.Format)? {
    guard case .to(let log) = accessLog else { return nil }
    return (try writer.open(log), log.format)
  }

  /// Where browsers connect.
  var origins: [String] { generation.listeners.map { "\($0.speaksTLS ? "https" : "http")://\($0.name)" } }

  /// The apps, their names looked up and what verifies them read. Blocks.
  static func plan(_ sites: [Site], _ events: Events, before: UpstreamPlan? = nil) throws(StartFault) -> UpstreamPlan {
    var upstreams = UpstreamPlan(sites, before: before) { address in
      let found = SocketAddress.resolve(host: address.host, port: address.port)
      if found.isEmpty { events.warning("an app's name does not resolve (it is tried again when needed)", ["name": address.host]) }
      return found
    }
    do throws(Diagnostic) { try upstreams.readAuthorities() } catch { throw StartFault("\(error)") }
    return upstreams
  }

  /// The configuration compiled, with the files read that its logins name. Blocks.
  static func settings(
    _ configuration: Configuration, _ pool: BlockingPool, _ events: Events, before: Settings? = nil
  ) throws(StartFault) -> Settings {
    do throws(Diagnostic) {
      let logins = try Settings.openIDLogins(configuration, before: before?.openIDLogins ?? []) { settings throws(Diagnostic) in
        try OpenIDProvider(settings, pool: pool, events: events)
      }
      let checkers = try Settings.forwardLogins(configuration, before: before?.forwardLogins ?? [], pool: pool, events: events)
      return Settings(configuration, openIDLogins: logins, forwardLogins: checkers, before: before)
    } catch {
      throw StartFault("\(error)")
    }
  }

  private static func start(
    _ generation: Generation, services: Services, sockets: ListeningSockets, workers: Int, accepts: Bool
  ) throws(SystemError) -> [LoopThread] {
    var threads: [LoopThread] = []
    for index in 0..<workers {
      let own = sockets.share(of: index).compactMap { $0 }
      let thread = try LoopThread(name: "loop-\(index)", inputBytes: generation.inputBytes) { _ in }
      // Posted: what the thread itself begins with, it holds on to until it ends.
      thread.handle.post { loop in
        let worker = Worker(loop: loop, index: index, generation: generation, services: services, workers: workers)
        loop.context = worker
        worker.start(sockets: own, watches: index == 0, accepts: accepts)
      }
      threads.append(thread)
    }
    return threads
  }

  /// Opens log files anew, after they were renamed.
  package func reopenLogs() { services.writer.reopen() }

  /// Stops accepting, lets what is in flight finish within the configured time, and ends everything. Blocks. A further signal to terminate
  /// ends the wait.
  package func stop() {
    events.info("stopping")
    let (generation, successor) = current.withLock { current in
      current.isStopping = true
      return (current.generation, current.successor)
    }
    if successor == nil { notify("STOPPING=1") }
    services.renewals.pause()
    admin?.end()
    draining.store(threads.count, ordering: .sequentiallyConsistent)
    for thread in threads {
      thread.handle.post { [self] loop in
        (loop.context as? Worker)?.drain { self.draining.subtract(1, ordering: .sequentiallyConsistent) }
      }
    }
    let deadline = System.monotonicMilliseconds() + generation.configuration.shutdownTimeout.milliseconds
    // New tokens that are on their way are written before the loops end.
    while draining.load(ordering: .sequentiallyConsistent) > 0 || !services.renewals.isIdle, System.monotonicMilliseconds() < deadline {
      if Signals.wait(milliseconds: 10) == .terminate { break }
    }
    if draining.load(ordering: .sequentiallyConsistent) > 0 { events.warning("requests in flight are cut off") }
    for thread in threads {
      thread.handle.post { loop in
        (loop.context as? Worker)?.abandon()
        loop.stop()
      }
    }
    for thread in threads { thread.join() }
    let end = System.monotonicMilliseconds() + Self.lastWork
    let unfinished = [operations, services.hashing, services.pool].filter { !$0.finish(within: end - System.monotonicMilliseconds()) }
    // Nobody waits for it any more.
    if !unfinished.isEmpty { events.warning("what takes too long is given up, such as a reload or the look-up of a name") }
    services.lockKeeper.save()
    do throws(StoreError) { try services.store.flush() } catch { events.error("logouts cannot be written", ["reason": "\(error)"]) }
    events.info("stopped")
    _ = services.writer.drain(within: .seconds(5))
  }
}

/// Why the gateway cannot start, or not reload, with the mend.
package struct StartFault: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
