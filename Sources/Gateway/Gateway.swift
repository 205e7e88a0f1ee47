import Audit
import CLinux
import Config
import EventLoop
import Login
import Session
import Synchronization
import Upstream

/// The whole gateway: its threads, from the first accepted connection to the last log line.
package final class Gateway {
  /// Where it listens, in the order of the configuration; a port of 0 is the one the kernel chose.
  package let addresses: [SocketAddress]
  /// For what the caller has to say.
  package let events: Events

  private let settings: Settings
  private let services: Services
  private let store: EmbeddedStore
  private let threads: [LoopThread]
  private let draining: Draining

  /// How many loops are still busy with connections.
  private final class Draining: Sendable {
    let count = Atomic<Int>(0)
  }

  /// Brings a configuration into force. When this returns, connections are accepted. `Signals.block` was called before.
  /// - Parameters:
  ///   - warnings: what reading the configuration found; logged before anything else.
  ///   - isInMemory: keep nothing under `state`, as the demo does.
  /// - Throws: `StartFault` with the mend, when a file, an address or a resource is not to be had.
  package init(_ configuration: Configuration, warnings: [Diagnostic] = [], isInMemory: Bool = false) throws(StartFault) {
    let now = System.wallMilliseconds() / 1000
    settings = Settings(configuration)
    let writer: LogWriter
    let audit: AuditTrail
    var accessSink: LogSink?
    do throws(LogFileError) {
      writer = try LogWriter()
      events = try Events(writer: writer, destination: configuration.log)
      audit = try AuditTrail(directory: configuration.audit, writer: writer)
      if case .to(let log) = configuration.accessLog { accessSink = try writer.open(log) }
    } catch {
      throw StartFault("\(error)")
    }
    for warning in warnings { events.warning(warning.message, ["file": warning.file, "line": "\(warning.line)"]) }
    let ring: KeyRing
    do throws(KeyRingError) { ring = try KeyRingDirectory.open(path: configuration.keys, now: now) } catch { throw StartFault("\(error)") }
    do throws(StoreError) {
      store = try EmbeddedStore(
        directory: isInMemory ? nil : configuration.state, returnLimit: configuration.limits.pendingReturns, now: now)
    } catch {
      throw StartFault("\(error)")
    }
    for warning in store.warnings + [audit.warning].compactMap({ $0 }) { events.warning(warning) }
    let workers = configuration.workers ?? System.usableProcessors()
    let sockets = try Self.bind(configuration.listeners, workers: workers)
    addresses = sockets.map(\.address)
    do throws(SystemError) {
      let descriptors = System.raiseDescriptorLimit()
      let limits = configuration.limits
      if descriptors < 2 * limits.connections {
        events.warning(
          "the limit of open files is too low for the configured connections (raise it, as with LimitNOFILE in systemd)",
          ["open_files": "\(descriptors)", "connections": "\(limits.connections)"])
      }
      let capacity = DescriptorShortage.capacity(descriptors, loops: workers, listeners: configuration.listeners.count)
      let admission = Admission(
        limit: limits.connections, listeners: configuration.listeners.map(\.connections), perAddress: limits.connectionsPerAddress,
        loops: workers, descriptors: capacity < 2 * limits.connections ? capacity : nil)
      let pool = try BlockingPool(name: "pool", threads: 2, limit: 1024)
      let hashing = try BlockingPool(name: "hash", threads: workers, limit: configuration.limits.pendingLogins)
      let clock: @Sendable () -> Int64 = { System.wallMilliseconds() / 1000 }
      let keeper = LockKeeper(settings: settings, store: store, pool: pool, events: events, clock: clock)
      services = Services(
        ring: ring, store: store, audit: audit, events: events, writer: writer, accessSink: accessSink, pool: pool, hashing: hashing,
        lockKeeper: keeper, admission: admission, descriptors: descriptors)
      keeper.restore()
      for site in settings.sites { site.accounts.refresh(events: events) }
      draining = Draining()
      threads = try Self.start(settings: settings, services: services, sockets: sockets, workers: workers)
    } catch {
      throw StartFault("\(error)")
    }
    events.info("ready", ["listening": addresses.map { "http://\($0)" }.joined(separator: " "), "workers": "\(workers)"])
  }

  /// A listening socket for each worker at each address.
  private static func bind(
    _ listeners: [Listener], workers: Int
  ) throws(StartFault) -> [(address: SocketAddress, descriptors: [Int32])] {
    var bound: [(address: SocketAddress, descriptors: [Int32])] = []
    for listener in listeners {
      guard var address = SocketAddress(listener.address, port: listener.port) else {
        throw StartFault("cannot listen on \(listener.address): it is no numeric address")
      }
      do throws(SystemError) {
        // Our own sockets share the port among themselves, and would share it with another process's just as willingly.
        if listener.port != 0 { try System.checkIsFree(address) }
        var descriptors: [Int32] = []
        for _ in 0..<workers {
          let descriptor = try System.listen(on: address, backlog: ListenerInfo.backlog)
          if let actual = System.localAddress(descriptor) { address = actual }
          descriptors.append(descriptor)
        }
        bound.append((address, descriptors))
      } catch {
        for descriptor in bound.flatMap(\.descriptors) { System.close(descriptor) }
        throw StartFault("cannot listen on \(address): \(error) (stop what listens there, or choose another port)")
      }
    }
    return bound
  }

  private static func start(
    settings: Settings, services: Services, sockets: [(address: SocketAddress, descriptors: [Int32])], workers: Int
  ) throws(SystemError) -> [LoopThread] {
    let upstreams = UpstreamPlan(settings.configuration.sites) { address in
      let found = SocketAddress.resolve(host: address.host, port: address.port)
      if found.isEmpty {
        services.events.warning("an app's name does not resolve (it is tried again when needed)", ["name": address.host])
      }
      return found
    }
    let inputBytes = max(64 << 10, settings.configuration.limits.headerBytes + (16 << 10))
    var threads: [LoopThread] = []
    for index in 0..<workers {
      let own = sockets.map { (address: $0.address, descriptor: $0.descriptors[index]) }
      threads.append(
        try LoopThread(name: "loop-\(index)", inputBytes: inputBytes) { loop in
          let worker = Worker(loop: loop, index: index, settings: settings, services: services, upstreams: upstreams, workers: workers)
          loop.context = worker
          worker.start(sockets: own, watches: index == 0)
        })
    }
    return threads
  }

  /// Opens log files anew, after they were renamed.
  package func reopenLogs() { services.writer.reopen() }

  /// Stops accepting, lets what is in flight finish within the configured time, and ends everything. Blocks. A further signal to terminate
  /// ends the wait.
  package func stop() {
    events.info("stopping")
    draining.count.store(threads.count, ordering: .sequentiallyConsistent)
    for thread in threads {
      thread.handle.post { [draining] loop in
        (loop.context as? Worker)?.drain { draining.count.subtract(1, ordering: .sequentiallyConsistent) }
      }
    }
    let deadline = System.monotonicMilliseconds() + settings.configuration.shutdownTimeout.milliseconds
    while draining.count.load(ordering: .sequentiallyConsistent) > 0, System.monotonicMilliseconds() < deadline {
      if Signals.wait(milliseconds: 10) == .terminate { break }
    }
    if draining.count.load(ordering: .sequentiallyConsistent) > 0 { events.warning("requests in flight are cut off") }
    for thread in threads {
      thread.handle.post { loop in
        (loop.context as? Worker)?.abandon()
        loop.stop()
      }
    }
    for thread in threads { thread.join() }
    services.hashing.finish()
    services.pool.finish()
    services.lockKeeper.save()
    do throws(StoreError) { try store.flush() } catch { events.error("logouts cannot be written", ["reason": "\(error)"]) }
    events.info("stopped")
    _ = services.writer.drain(within: .seconds(5))
  }
}

/// Why the gateway cannot start, with the mend.
package struct StartFault: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
