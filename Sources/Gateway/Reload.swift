import Audit
import Config
import EventLoop
import Session

extension Events {
  /// What is to be known about a configuration.
  func warning(_ diagnostic: Diagnostic) { warning(diagnostic.message, ["file": diagnostic.file, "line": "\(diagnostic.line)"]) }
}

/// A new configuration, read anew and brought into force while requests go on. Everything that may fail is done first; only then does any loop
/// hear of it.
extension Gateway {
  // How long a loop may take to finish what it is doing.
  private static let patience: Int64 = 10_000
  private static let faultsLogged = 50

  /// Has `reload` done soon, on a thread of its own: for a signal.
  package func reloadSoon() {
    let isQueued = operations.offer { [self] in _ = reload(.signal) }
    // Those that wait will read what there is to read.
    if !isQueued { events.warning("too many reloads wait: this one is left out") }
  }

  /// Reads the configuration, keys and accounts anew and brings them into force, or changes nothing. One at a time; blocks.
  package func reload(_ trigger: ReloadTrigger) -> ReloadOutcome {
    reloading.withLock { _ in
      notify("RELOADING=1\nMONOTONIC_USEC=\(System.monotonicMicroseconds())")
      defer { notify("READY=1") }
      let (time, start) = (System.wallMilliseconds() / 1000, System.monotonicMilliseconds())
      let outcome: ReloadOutcome
      do throws(Refusal) { outcome = .reloaded(warnings: try bringIntoForce()) } catch { outcome = .refused(faults: error.faults) }
      let (faults, warnings) = tell(outcome, trigger)
      history.withLock {
        $0.add(
          ReloadHistory.Entry(
            time: time, trigger: trigger, isReloaded: faults == 0, faults: faults, warnings: warnings,
            milliseconds: System.monotonicMilliseconds() - start))
      }
      return outcome
    }
  }

  /// Why nothing has changed.
  private struct Refusal: Error {
    let faults: [String]

    init(_ faults: [String]) { self.faults = faults }
    init(_ fault: any Error) { faults = ["\(fault)"] }
  }

  private func tell(_ outcome: ReloadOutcome, _ trigger: ReloadTrigger) -> (faults: Int, warnings: Int) {
    switch outcome {
    case .reloaded(let warnings):
      for warning in warnings.prefix(Self.faultsLogged) { events.warning("found at a reload", ["warning": warning]) }
      events.info(
        "reloaded", ["by": trigger.rawValue, "listening": origins.joined(separator: " "), "warnings": "\(warnings.count)"])
      return (0, warnings.count)
    case .refused(let faults):
      for fault in faults.prefix(Self.faultsLogged) { events.error("found at a reload", ["fault": fault]) }
      events.error("not reloaded: the old configuration stays in force", ["by": trigger.rawValue, "faults": "\(faults.count)"])
      return (faults.count, 0)
    }
  }

  // MARK: Preparing

  /// - Returns: warnings.
  private func bringIntoForce() throws(Refusal) -> [String] {
    // Those that still wait shall not hold up the end.
    let (isStopping, successor) = current.withLock { ($0.isStopping, $0.successor) }
    if isStopping { throw Refusal(["the gateway is about to end"]) }
    if let successor { throw Refusal([Self.hasSuccessor(successor)]) }
    guard let load else { throw Refusal(["this gateway has no file to read anew"]) }
    let loaded = load()
    guard let configuration = loaded.configuration else { throw Refusal(loaded.errors.map(\.description)) }
    let before = generation
    let settings: Settings
    let upstreams: UpstreamPlan
    var sockets: ListeningSockets
    do throws(StartFault) {
      settings = try Self.settings(configuration, services.pool, events, before: before.settings)
      upstreams = try Self.plan(configuration.sites, events, before: before.upstreams)
      sockets = try ListeningSockets.open(
        configuration.listeners, before: before, inherited: passed, workers: threads.count, admission: services.admission,
        tickets: services.ticketSecrets)
    } catch {
      throw Refusal(error)
    }
    var isInForce = false
    defer { if !isInForce { sockets.close() } }
    let ring = try readKeys(configuration.keys, before.configuration.keys)
    let accessLog = try openLogs(configuration, before.configuration)
    // Blocks: a site's first requests would find no account else.
    for site in settings.sites { site.accounts.refresh(events: events) }
    let next = Generation(settings: settings, ring: ring, upstreams: upstreams, accessLog: accessLog, listeners: sockets.listeners)
    do throws(Refusal) {
      let late = try takeOver(next, from: before, sockets)
      isInForce = true
      // A loop that has not taken over yet still writes there.
      if late.isEmpty { before.accessLog?.sink.close() }
      return loaded.warnings.map(\.description) + kept(configuration) + unnamed(next) + late
    } catch {
      accessLog?.sink.close()
      throw error
    }
  }

  private func readKeys(_ path: String, _ before: String) throws(Refusal) -> KeyRing {
    let now = System.wallMilliseconds() / 1000
    do throws(KeyRingError) {
      return path == before ? try KeyRingDirectory.reopen(path: path, now: now) : try KeyRingDirectory.open(path: path, now: now)
    } catch {
      throw Refusal(error)
    }
  }

  /// The last thing that may fail: the event log moves at once.
  private func openLogs(_ configuration: Configuration, _ before: Configuration) throws(Refusal) -> (
    sink: LogSink, format: EventLog.Format
  )? {
    do throws(LogFileError) {
      let accessLog = try Self.open(configuration.accessLog, services.writer)
      guard configuration.log != before.log else { return accessLog }
      do throws(LogFileError) { try events.redirect(to: configuration.log) } catch {
        accessLog?.sink.close()
        throw error
      }
      return accessLog
    } catch {
      throw Refusal(error)
    }
  }

  /// What only a restart changes, and is not as the file has it now.
  private func kept(_ configuration: Configuration) -> [String] {
    var names: [(name: String, now: String)] = []
    let workers = configuration.workers ?? System.usableProcessors()
    if workers != threads.count { names.append(("workers", "\(threads.count)")) }
    if configuration.state != started.state { names.append(("state", started.state)) }
    if configuration.audit != started.audit { names.append(("audit", started.audit)) }
    if configuration.admin != started.admin { names.append(("admin", started.admin ?? "none")) }
    return names.map { "\(configuration.file): warning: `\($0.name)` stays \($0.now) until a restart" }
  }

  private func unnamed(_ generation: Generation) -> [String] {
    passed.unnamed(generation.listeners).map {
      "\(generation.configuration.file): warning: whoever connects to \($0) waits for nobody: its socket is still the service manager's"
        + " (stop the socket unit, or name the address again)"
    }
  }

  // MARK: Taking over

  /// Has every loop take a generation over.
  /// - Returns: warnings about loops that have not done so in time, and will when they come to it.
  private func takeOver(_ next: Generation, from before: Generation, _ sockets: ListeningSockets) throws(Refusal) -> [String] {
    let answers: Answers<Bool>
    do throws(SystemError) { answers = try Answers(count: threads.count) } catch { throw Refusal(error) }
    let isStopping = current.withLock { current in
      // Posted under the lock: no loop is told to end before it is told of this.
      guard !current.isStopping else { return true }
      let groups = zip(sockets.opened, next.listeners).map { opened, listener in
        opened ?? zip(before.listeners, current.sockets).first { $0.0.entrance === listener.entrance }?.1
      }
      current.generation = next
      current.sockets = groups.compactMap { $0 }
      next.setLimits(services)
      for (index, thread) in threads.enumerated() {
        let own = sockets.share(of: index)
        thread.handle.post { loop in
          (loop.context as? Worker)?.takeOver(next, sockets: own)
          answers.put(true, from: index)
        }
      }
      return false
    }
    if isStopping { throw Refusal(["the gateway is about to end"]) }
    for listener in before.listeners where !next.listeners.contains(where: { $0.entrance === listener.entrance }) {
      listener.entrance.shut()
    }
    let late = answers.wait(milliseconds: Self.patience).enumerated().filter { $0.element == nil }.map(\.offset)
    return late.map { "warning: worker \($0) is busy and goes on under the old configuration until it comes to it" }
  }
}
