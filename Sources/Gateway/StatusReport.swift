import Audit
import Config
import EventLoop
import Glibc
import Login
import Session
import Upstream

/// Puts together how the gateway is. For a thread that may wait: each loop is asked, and given a second.
extension Gateway {
  private static let patience: Int64 = 1000

  func status() -> Status {
    let generation = generation
    let answers = askWorkers()
    let workers = answers.compactMap { $0 }
    let admission = services.admission
    let now = System.wallMilliseconds()
    return Status(
      version: identity.version, configuration: generation.configuration.file, now: now / 1000, startedAt: identity.startedAt / 1000,
      uptimeSeconds: (System.monotonicMilliseconds() - identity.startedMonotonic) / 1000, workers: threads.count,
      silentWorkers: answers.enumerated().filter { $0.element == nil }.map(\.offset), connections: admission.all.count,
      idleConnections: workers.reduce(0) { $0 + $1.idle }, underEarlierRules: workers.reduce(0) { $0 + $1.underEarlierRules },
      listeners: listeners(generation), sites: sites(generation, workers), limits: limits(generation),
      certificates: certificates(generation),
      keys: keys(generation.ring, now: now / 1000), revocations: services.store.revocations.count, logs: services.writer.status,
      auditIsHealthy: services.audit.isHealthy, predecessors: predecessors.withLock { $0.processes },
      successor: current.withLock { $0.successor }, process: getpid(), reloads: history.withLock { $0 })
  }

  private func askWorkers() -> [WorkerStatus?] {
    guard let answers = try? Answers<WorkerStatus>(count: threads.count) else { return threads.map { _ in nil } }
    for (index, thread) in threads.enumerated() {
      thread.handle.post { loop in
        if let status = (loop.context as? Worker)?.status() { answers.put(status, from: index) }
      }
    }
    return answers.wait(milliseconds: Self.patience)
  }

  private func listeners(_ generation: Generation) -> [Status.Listener] {
    let listening = generation.listeners.map { info in
      Status.Listener(
        address: info.name, scheme: info.speaksTLS ? "https" : "http", connections: info.entrance.gate.count,
        limit: Self.bound(info.entrance.gate.limit), isListening: true)
    }
    let entrances = generation.listeners.map(\.entrance)
    let leaving = services.admission.present.filter { entrance in !entrances.contains { $0 === entrance } }
    return listening
      + leaving.filter { $0.gate.count > 0 }.map { entrance in
        Status.Listener(address: "\(entrance.address)", scheme: "", connections: entrance.gate.count, limit: nil, isListening: false)
      }
  }

  private static func bound(_ limit: Int) -> Int? { limit == .max ? nil : limit }

  private func sites(_ generation: Generation, _ workers: [WorkerStatus]) -> [Status.Site] {
    zip(generation.settings.sites, generation.upstreams.sites).map { settings, places in
      let site = settings.site
      let memory = settings.memory
      func sum(_ numbers: (WorkerStatus) -> [String: Int]) -> Int { workers.reduce(0) { $0 + (numbers($1)[site.name] ?? 0) } }
      var limits = [
        Status.Limit(
          name: "throttle_entries", taken: memory.throttle.withLock { $0.entries }, limit: generation.configuration.limits.throttleEntries)
      ]
      if let gate = settings.gate { limits.insert(Status.Limit(name: "requests", taken: gate.count, limit: gate.limit), at: 0) }
      if let gate = settings.webSocketGate { limits.append(Status.Limit(name: "websockets", taken: gate.count, limit: gate.limit)) }
      if let limit = site.webSocket.connectionsPerUser {
        limits.append(Status.Limit(name: "websockets_per_user", taken: memory.webSockets.most, limit: limit))
      }
      if site.upstreamSettings.maxConnections != nil {
        limits.append(Status.Limit(name: "queue", taken: sum(\.waiting), limit: site.upstreamSettings.queue.length))
      }
      return Status.Site(
        name: site.name, hosts: site.hosts.map(Self.text), inFlight: sum(\.inFlight), waiting: sum(\.waiting),
        logins: memory.logins.load(ordering: .relaxed), refusedLogins: memory.refusedLogins.load(ordering: .relaxed),
        logouts: memory.logouts.load(ordering: .relaxed), accounts: settings.accounts.accounts.count,
        upstreams: places.map { Self.upstream(generation.upstreams.records[$0], workers) }, limits: limits)
    }
  }

  private static func text(_ host: HostPattern) -> String {
    switch host {
    case .exact(let name): name
    case .wildcard(let rest): "*.\(rest)"
    }
  }

  private static func upstream(_ record: UpstreamRecord, _ workers: [WorkerStatus]) -> Status.Upstream {
    let servers = workers.compactMap { $0.servers[ObjectIdentifier(record)] }
    let health =
      switch record.verdict {
      case .up: "up"
      case .down: "down"
      case .unknown: record.settings.health == nil ? "not checked" : "unknown"
      }
    return Status.Upstream(
      name: record.name, health: health, leftOut: servers.count(where: \.isOut), doubtful: servers.count(where: \.isDoubtful),
      active: servers.reduce(0) { $0 + $1.active }, idle: servers.reduce(0) { $0 + $1.idle }, addresses: record.resolved.map { "\($0)" })
  }

  private func limits(_ generation: Generation) -> [Status.Limit] {
    let admission = services.admission
    let returns = services.store.pendingReturns
    return [
      Status.Limit(name: "connections", taken: admission.all.count, limit: admission.all.limit),
      Status.Limit(name: "connections_per_address", taken: admission.addresses.mostOfOne, limit: admission.addresses.limit),
      Status.Limit(name: "pending_logins", taken: services.hashing.waiting, limit: services.hashing.limit),
      Status.Limit(name: "pending_returns", taken: returns.count, limit: returns.limit),
      Status.Limit(name: "logouts remembered", taken: services.store.revocations.count, limit: services.store.revocations.limit),
      // The kernel gives the lowest that is free: about as many are in use.
      Status.Limit(
        name: "file descriptors", taken: System.nextDescriptor().map(Int.init) ?? services.descriptors, limit: services.descriptors),
    ]
  }

  private func certificates(_ generation: Generation) -> [Status.Certificate] {
    generation.listeners.compactMap(\.certificates).flatMap(\.facts).map { file, facts in
      Status.Certificate(file: file, names: facts.names + facts.addresses, notAfter: facts.notAfter)
    }
  }

  private func keys(_ ring: KeyRing, now: Int64) -> [Status.Key] {
    let sealing = ring.sealing(at: now).id
    return ring.keys.map { key in
      Status.Key(id: Self.hexadecimal(key.id), since: key.since, seals: key.id == sealing)
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
