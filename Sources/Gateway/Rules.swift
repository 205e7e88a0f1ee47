import Config
import Crypto
import EventLoop
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
  /// In bytes.
  let body: Int64
  let headerBytes: Int
  let headerCount: Int

  init(_ limits: Limits) {
    headerTimeout = limits.headerTimeout.milliseconds
    idleTimeout = limits.idleTimeout.milliseconds
    upstreamTimeout = limits.upstreamTimeout.milliseconds
    upstreamStallTimeout = limits.upstreamStallTimeout.milliseconds
    connectTimeout = limits.connectTimeout.milliseconds
    let grace = limits.rateGrace.milliseconds
    bodyPace = LeastRate.Rule(bytesPerSecond: Int64(limits.bodyRate ?? 0), grace: grace, idle: idleTimeout)
    answerPace = LeastRate.Rule(bytesPerSecond: Int64(limits.sendRate ?? 0), grace: grace, idle: idleTimeout)
    body = Int64(limits.body)
    headerBytes = limits.headerBytes
    headerCount = limits.headerCount
  }
}

extension Duration {
  /// Rounded up.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

/// A generation as one loop carries it out. Every exchange holds the rules that it began under; the last one to end lets them go.
final class Rules {
  let generation: Generation
  let limits: WorkerLimits
  /// What proxies say of their clients is asked for at all.
  let believesProxies: Bool
  let sites: [SiteState]
  let hosts: HostContexts
  let sealer: SessionSealer
  let pendingReturns: PendingReturnSealer
  let servers: [UpstreamServer]
  let providerSessions: ProviderSessions
  let crypto: CryptoContext
  let loop: EventLoop
  // What the apps said last when they were asked whether they take connections, and who waits for that.
  var readiness: (at: Int64, isReady: Bool)?
  private var readinessWaiters: [(Bool) -> Void] = []
  private var readinessRound = 0

  /// - Parameters:
  ///   - index: which of the loops this is, from 0; there are `workers` of them.
  ///   - before: the rules whose place these take; what has not changed is carried over.
  init(_ generation: Generation, services: Services, loop: EventLoop, crypto: CryptoContext, index: Int, workers: Int, before: Rules? = nil)
  {
    self.generation = generation
    self.loop = loop
    self.crypto = crypto
    providerSessions = services.providerSessions
    let settings = generation.settings
    let limits = settings.configuration.limits
    self.limits = WorkerLimits(limits)
    believesProxies = !settings.configuration.trustedProxies.isEmpty
    hosts = HostContexts(settings)
    sealer = SessionSealer(ring: generation.ring, crypto: crypto)
    pendingReturns = PendingReturnSealer(ring: generation.ring)
    var known: [ObjectIdentifier: UpstreamServer] = [:]
    for server in before?.servers ?? [] { known[ObjectIdentifier(server.record)] = server }
    let servers = generation.upstreams.records.map { record in
      guard let server = known[ObjectIdentifier(record)] else {
        return Self.server(record, services, limits, loop, worker: index, workers: workers)
      }
      server.setIdle(maximum: limits.upstreamIdle, milliseconds: limits.idleTimeout.milliseconds)
      return server
    }
    self.servers = servers
    sites = zip(settings.sites, generation.upstreams.sites).map { site, places in
      let upstream = site.site.upstreamSettings
      let length = UpstreamPlan.share(of: upstream.queue.length, worker: index, workers: workers)
      let queue = upstream.maxConnections.map { _ in RequestQueue(length: length, wait: upstream.queue.wait, loop: loop) }
      if let queue { try? loop.add(queue) }
      return SiteState(site, servers: places.map { servers[$0] }, queue: queue)
    }
  }

  deinit {
    for site in sites { if let queue = site.queue { loop.remove(queue) } }
  }

  /// Whether some app takes connections: as the health checks say where there are any, else asked of all of them at most once a second.
  func probeReadiness(_ answer: @escaping (Bool) -> Void) {
    if servers.contains(where: { $0.record.verdict == .up }) { return answer(true) }
    if let readiness, loop.now - readiness.at < 1000 { return answer(readiness.isReady) }
    readinessWaiters.append(answer)
    guard readinessWaiters.count == 1 else { return }
    let unknown = servers.filter { $0.record.verdict == .unknown }
    readinessRound += 1
    let round = readinessRound
    var open = unknown.count
    if open == 0 { noteReadiness(false) }
    for server in unknown {
      _ = ConnectProbe(server, milliseconds: limits.connectTimeout, loop: loop) { [weak self] isUp in
        open -= 1
        // A late failure of an earlier round says nothing about this one.
        if isUp || open == 0, self?.readinessRound == round { self?.noteReadiness(isUp) }
      }
    }
  }

  private func noteReadiness(_ isReady: Bool) {
    guard !readinessWaiters.isEmpty else { return }
    readiness = (loop.now, isReady)
    let waiters = readinessWaiters
    readinessWaiters.removeAll()
    for waiter in waiters { waiter(isReady) }
  }
}
