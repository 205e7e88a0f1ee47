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
  /// Held by the one reload that is under way.
  let reloading = Mutex<Void>(())
  let history = Mutex(ReloadHistory())
  private let draining = Atomic<Int>(0)
  // How many milliseconds what is done off the loops may go on when these have ended.
  private static let lastWork: Int64 = 2000

  /// What a reload changes.
  struct Current {
    var generation: Generation
    var isStopping = false
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
  ///   - load: reads and checks the configuration anew, for a reload; `nil` where there is none.
  /// - Throws: `StartFault` with the mend, when a file, an address or a resource is not to be had.
  package init(
    _ configuration: Configuration, warnings: [Diagnostic] = [], isInMemory: Bool = false, version: String = "",
    load: (@Sendable () -> LoadedConfiguration)? = nil
  ) throws(StartFault) {
    started = configuration
    identity = Identity(version: version)
    self.load = load
    let now = System.wallMilliseconds() / 1000
    let ticketSecrets = Services.newTicketSecrets()
    let settings = Settings(configuration)
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
    let ring: KeyRing
    do throws(KeyRingError) { ring = try KeyRingDirectory.open(path: configuration.keys, now: now) } catch { throw StartFault("\(error)") }
    let store: EmbeddedStore
    do throws(StoreError) {
      store = try EmbeddedStore(
        directory: isInMemory ? nil : configuration.state, returnLimit: configuration.limits.pendingReturns, now: now)
    } catch {
      throw StartFault("\(error)")
    }
    for warning in store.warnings + [audit.warning].compactMap({ $0 }) { events.warning(warning) }
    let upstreams = try Self.plan(configuration.sites, events)
    admin = try configuration.admin.map { path throws(StartFault) in try AdminServer(path: path) }
    let workers = configuration.workers ?? System.usableProcessors()
    let limits = configuration.limits
    let admission = Admission(limit: limits.connections, perAddress: limits.connectionsPerAddress, loops: workers)
    let sockets = try ListeningSockets.open(
      configuration.listeners, before: nil, workers: workers, admission: admission, tickets: ticketSecrets)
    do throws(SystemError) {
      let descriptors = System.raiseDescriptorLimit()
      if descriptors < 2 * limits.connections {
        events.warning(
          "the limit of open files is too low for the configured connections (raise it, as with LimitNOFILE in systemd)",
          ["open_files": "\(descriptors)", "connections": "\(limits.connections)"])
      }
      let pool = try BlockingPool(name: "pool", threads: 2, limit: 1024)
      let hashing = try BlockingPool(name: "hash", threads: workers, limit: limits.pendingLogins)
      operations = try BlockingPool(name: "admin", threads: 2, limit: 16)
      let clock: @Sendable () -> Int64 = { System.wallMilliseconds() / 1000 }
      let keeper = LockKeeper(settings: settings, store: store, pool: pool, events: events, clock: clock)
      services = Services(
        store: store, audit: audit, events: events, writer: writer, pool: pool, hashing: hashing, lockKeeper: keeper, admission: admission,
        descriptors: descriptors, loops: workers, ticketSecrets: ticketSecrets)
      keeper.restore()
      let generation = Generation(
        settings: settings, ring: ring, upstreams: upstreams, accessLog: accessLog, listeners: sockets.listeners)
      generation.setLimits(services)
      for site in settings.sites { site.accounts.refresh(events: events) }
      current = Mutex(Current(generation: generation))
      threads = try Self.start(generation, services: services, sockets: sockets, workers: workers)
      try admin?.serve(self)
    } catch {
      throw StartFault("\(error)")
    }
    events.info("ready", ["listening": origins.joined(separator: " "), "workers": "\(workers)"])
  }

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

  private static func start(
    _ generation: Generation, services: Services, sockets: ListeningSockets, workers: Int
  ) throws(SystemError) -> [LoopThread] {
    var threads: [LoopThread] = []
    for index in 0..<workers {
      let own = sockets.share(of: index).compactMap { $0 }
      let thread = try LoopThread(name: "loop-\(index)", inputBytes: generation.inputBytes) { _ in }
      // Posted: what the thread itself begins with, it holds on to until it ends.
      thread.handle.post { loop in
        let worker = Worker(loop: loop, index: index, generation: generation, services: services, workers: workers)
        loop.context = worker
        worker.start(sockets: own, watches: index == 0)
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
    admin?.end()
    let generation = current.withLock { current in
      current.isStopping = true
      return current.generation
    }
    draining.store(threads.count, ordering: .sequentiallyConsistent)
    for thread in threads {
      thread.handle.post { [self] loop in
        (loop.context as? Worker)?.drain { self.draining.subtract(1, ordering: .sequentiallyConsistent) }
      }
    }
    let deadline = System.monotonicMilliseconds() + generation.configuration.shutdownTimeout.milliseconds
    while draining.load(ordering: .sequentiallyConsistent) > 0, System.monotonicMilliseconds() < deadline {
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
