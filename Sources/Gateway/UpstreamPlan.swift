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

  // What two records must have in common to be one, also from one configuration to the next.
  private struct Key: Hashable {
    let address: UpstreamAddress
    let own: Own?
    let ejection: UpstreamSettings.Ejection?
    let slowStart: Duration
    let resolveEvery: Duration?
    let tls: UpstreamTLS?
  }

  // What a site checks or counts for itself.
  private struct Own: Hashable {
    let site: String
    let health: UpstreamSettings.HealthCheck?
    let healthHost: String?
    let maxConnections: Int?
  }

  private let places: [Key: Int]

  /// - Parameters:
  ///   - before: the plan until now; what has not changed is carried over, with all that is known of it.
  ///   - resolve: looks a name up, once for each address.
  init(_ sites: [Site], before: UpstreamPlan? = nil, resolve: (UpstreamAddress) -> [SocketAddress]) {
    var records: [UpstreamRecord] = []
    var places: [Key: Int] = [:]
    var resolved: [UpstreamAddress: [SocketAddress]] = [:]
    self.sites = sites.map { site in
      let settings = site.upstreamSettings
      let healthHost = Self.healthHost(site)
      let isOwn = settings.health != nil || settings.maxConnections != nil
      let own =
        isOwn
        ? Own(site: site.name, health: settings.health, healthHost: healthHost, maxConnections: settings.maxConnections) : nil
      return site.upstreams.map { address in
        let key = Key(
          address: address, own: own, ejection: settings.ejection, slowStart: settings.slowStart, resolveEvery: settings.resolveEvery,
          tls: address.isSecure ? settings.tls.withoutPlaces : nil)
        if let place = places[key] { return place }
        if let before, let place = before.places[key] {
          records.append(before.records[place])
        } else {
          let addresses = resolved[address] ?? resolve(address)
          resolved[address] = addresses
          records.append(UpstreamRecord(address: address, settings: settings, healthHost: healthHost, addresses: addresses))
        }
        places[key] = records.count - 1
        return records.count - 1
      }
    }
    self.records = records
    self.places = places
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

extension Rules {
  /// One worker's side of a record.
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

}

extension Worker {
  /// Asks servers how they are, and looks names up again, for all workers. What is asked already goes on; what nobody needs any more ends.
  func watchUpstreams() {
    let events = services.events
    let records = Set(rules.servers.map { ObjectIdentifier($0.record) })
    for (record, watchers) in upstreamWatchers where !records.contains(record) {
      for watcher in watchers { loop.remove(watcher) }
      upstreamWatchers[record] = nil
    }
    for server in rules.servers where upstreamWatchers[ObjectIdentifier(server.record)] == nil {
      let record = server.record
      var watchers: [Pollable] = []
      defer { upstreamWatchers[ObjectIdentifier(record)] = watchers }
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
        watchers.append(checks)
        checks.deadlineReached()
      }
      if let every = record.settings.resolveEvery, !record.isNumeric {
        let refresh = NameRefresh(record, milliseconds: every.milliseconds, pool: services.pool, loop: loop)
        try? loop.add(refresh)
        watchers.append(refresh)
        loop.setDeadline(refresh, at: loop.now + every.milliseconds)
      }
    }
  }
}
