import Config
import EventLoop
import Upstream

/// The servers of all sites, as all workers share them. Sites that name the same address share its connections, unless one of them checks or
/// counts what the other one does not.
struct UpstreamPlan: Sendable {
  let records: [UpstreamRecord]
  /// Indices into `records`, for each site.
  let sites: [[Int]]
  /// What https upstreams are verified by; none before `readAuthorities`, and no connection to them.
  private(set) var authorities: [WatchedAuthorities] = []

  private struct Key: Hashable {
    let address: UpstreamAddress
    let site: Int?
    let ejection: UpstreamSettings.Ejection?
    let slowStart: Duration
    let resolveEvery: Duration?
    let tls: UpstreamTLS?
  }

  /// - Parameter resolve: looks a name up, once for each address.
  init(_ sites: [Site], resolve: (UpstreamAddress) -> [SocketAddress]) {
    var records: [UpstreamRecord] = []
    var places: [Key: Int] = [:]
    var resolved: [UpstreamAddress: [SocketAddress]] = [:]
    self.sites = sites.enumerated().map { number, site in
      let settings = site.upstreamSettings
      let isOwn = settings.health != nil || settings.maxConnections != nil
      return site.upstreams.map { address in
        let key = Key(
          address: address, site: isOwn ? number : nil, ejection: settings.ejection, slowStart: settings.slowStart,
          resolveEvery: settings.resolveEvery, tls: address.isSecure ? settings.tls : nil)
        if let place = places[key] { return place }
        let addresses = resolved[address] ?? resolve(address)
        resolved[address] = addresses
        records.append(UpstreamRecord(address: address, settings: settings, healthHost: Self.healthHost(site), addresses: addresses))
        places[key] = records.count - 1
        return records.count - 1
      }
    }
    self.records = records
  }

  /// Reads the files that https upstreams need.
  mutating func readAuthorities() throws(Diagnostic) { authorities = try WatchedAuthorities.all(records) }

  /// The first exact host that browsers use; `nil` if there are only wildcards.
  private static func healthHost(_ site: Site) -> String? {
    for case .exact(let host) in site.hosts { return host }
    return nil
  }

  /// One worker's part of a number that is for all of them, at least 1 of it unless it is 0.
  static func share(of number: Int, worker: Int, workers: Int) -> Int {
    number == 0 ? 0 : max(1, number / workers + (worker < number % workers ? 1 : 0))
  }
}

extension Worker {
  /// This worker's side of a record.
  static func server(_ record: UpstreamRecord, _ services: Services, _ limits: Limits, _ loop: EventLoop, worker: Int, workers: Int)
    -> UpstreamServer
  {
    let settings = record.settings
    return UpstreamServer(
      record: record, pool: services.pool, loop: loop, maximumIdle: limits.upstreamIdle, idleMilliseconds: limits.idleTimeout.milliseconds,
      maximumConnections: settings.maxConnections.map { UpstreamPlan.share(of: $0, worker: worker, workers: workers) } ?? .max,
      ejectionMilliseconds: settings.ejection?.pause.milliseconds ?? 0, slowStartMilliseconds: settings.slowStart.milliseconds,
      ejected: { [name = record.name, warning = services.ejectionWarning] in warning.warn(["upstream": name]) })
  }

  /// Asks servers how they are, and looks names up again, for all workers.
  func watchUpstreams() {
    let events = services.events
    for server in servers {
      let record = server.record
      if let check = record.settings.health {
        let checks = HealthChecks(
          server, check: check, milliseconds: check.every.milliseconds, timeout: check.timeout.milliseconds, loop: loop
        ) { state, reason in
          if state == .down {
            events.warning("an upstream is down", ["upstream": record.name, "reason": reason])
          } else {
            events.info("an upstream is up again", ["upstream": record.name])
          }
        }
        try? loop.add(checks)
        checks.deadlineReached()
      }
      if let every = record.settings.resolveEvery, !record.isNumeric {
        let refresh = NameRefresh(record, milliseconds: every.milliseconds, pool: services.pool, loop: loop)
        try? loop.add(refresh)
        loop.setDeadline(refresh, at: loop.now + every.milliseconds)
      }
    }
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
