import Audit
import Pages

/// `anteroom status --json`: one object on one line. Members are added in later versions, and never change their meaning.
enum StatusJSON {
  static func text(_ status: Status) -> String {
    object([
      ("version", string(status.version)), ("configuration", string(status.configuration)), ("now", "\(status.now)"),
      ("started_at", "\(status.startedAt)"), ("uptime_seconds", "\(status.uptimeSeconds)"),
      ("workers", object([("count", "\(status.workers)"), ("silent", array(status.silentWorkers.map { "\($0)" }))])),
      (
        "process",
        object([
          ("id", "\(status.process)"), ("predecessors", array(status.predecessors.map { "\($0)" })),
          ("successor", number(status.successor.map(Int.init))),
        ])
      ),
      (
        "connections",
        object([
          ("all", "\(status.connections)"), ("idle", "\(status.idleConnections)"),
          ("requests_under_earlier_configuration", "\(status.underEarlierRules)"),
        ])
      ),
      ("listeners", array(status.listeners.map(listener))), ("sites", array(status.sites.map(site))),
      ("limits", array(status.limits.map(limit))), ("certificates", array(status.certificates.map(certificate))),
      ("keys", array(status.keys.map { key($0, now: status.now) })),
      // Sealed in the browsers' cookies: nobody counts them.
      ("sessions", object([("count", "null"), ("ended_by_logout", "\(status.revocations)")])),
      ("audit", object([("healthy", "\(status.auditIsHealthy)")])), ("logs", array(status.logs.map(log))),
      ("reloads", object([("count", "\(status.reloads.count)"), ("last", array(status.reloads.entries.reversed().map(reload)))])),
    ]) + "\n"
  }

  private static func listener(_ listener: Status.Listener) -> String {
    object([
      ("address", string(listener.address)), ("scheme", string(listener.scheme)), ("listening", "\(listener.isListening)"),
      ("connections", "\(listener.connections)"), ("limit", number(listener.limit)),
    ])
  }

  private static func site(_ site: Status.Site) -> String {
    object([
      ("name", string(site.name)), ("hosts", array(site.hosts.map(string))), ("requests_in_flight", "\(site.inFlight)"),
      ("requests_waiting", "\(site.waiting)"), ("accounts", "\(site.accounts)"), ("logins", "\(site.logins)"),
      ("logins_refused", "\(site.refusedLogins)"), ("logouts", "\(site.logouts)"), ("upstreams", array(site.upstreams.map(upstream))),
      ("limits", array(site.limits.map(limit))),
    ])
  }

  private static func upstream(_ upstream: Status.Upstream) -> String {
    object([
      ("name", string(upstream.name)), ("health", string(upstream.health)), ("left_out_by_workers", "\(upstream.leftOut)"),
      ("doubted_by_workers", "\(upstream.doubtful)"), ("connections_active", "\(upstream.active)"),
      ("connections_idle", "\(upstream.idle)"),
      ("addresses", array(upstream.addresses.map(string))),
    ])
  }

  private static func limit(_ limit: Status.Limit) -> String {
    object([("name", string(limit.name)), ("taken", "\(limit.taken)"), ("limit", number(limit.limit))])
  }

  private static func certificate(_ certificate: Status.Certificate) -> String {
    object([
      ("file", string(certificate.file)), ("names", array(certificate.names.map(string))), ("not_after", "\(certificate.notAfter)"),
    ])
  }

  private static func key(_ key: Status.Key, now: Int64) -> String {
    object([("id", string(key.id)), ("since", "\(key.since)"), ("age_seconds", "\(max(0, now - key.since))"), ("seals", "\(key.seals)")])
  }

  private static func log(_ log: LogStatus) -> String {
    object([
      ("destination", string(log.destination)), ("audit", "\(log.isKept)"), ("failing", "\(log.isFailing)"), ("full", "\(log.isFull)"),
      ("lines_waiting", "\(log.lines)"), ("lines_limit", "\(log.limit.lines)"), ("bytes_waiting", "\(log.bytes)"),
      ("bytes_limit", "\(log.limit.bytes)"), ("lines_lost", "\(log.lostLines)"),
    ])
  }

  private static func reload(_ entry: ReloadHistory.Entry) -> String {
    object([
      ("time", "\(entry.time)"), ("by", string(entry.trigger.rawValue)), ("outcome", string(entry.isReloaded ? "reloaded" : "refused")),
      ("faults", "\(entry.faults)"), ("warnings", "\(entry.warnings)"), ("milliseconds", "\(entry.milliseconds)"),
    ])
  }

  // MARK: Values

  private static func string(_ text: String) -> String { JSONText.quoted(text) }

  private static func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "null" }

  private static func array(_ values: [String]) -> String { "[" + values.joined(separator: ",") + "]" }

  private static func object(_ members: [(name: String, value: String)]) -> String {
    "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
  }
}
