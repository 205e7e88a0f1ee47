import Audit
import HTTP

/// `anteroom status`: for people.
enum StatusText {
  static func text(_ status: Status) -> String {
    var lines = [
      "anteroom \(status.version), up \(duration(status.uptimeSeconds)), since \(time(status.startedAt))",
      "configuration   \(status.configuration)", "workers         \(status.workers)",
      "connections     \(status.connections), \(status.idleConnections) of them idle",
    ]
    if !status.silentWorkers.isEmpty {
      let names = status.silentWorkers.map { "\($0)" }.joined(separator: ", ")
      lines.append("NO ANSWER       from worker \(names) within a second: their part is missing below")
    }
    if let successor = status.successor { lines.append("HANDED OVER     to process \(successor): this one ends what it has") }
    if !status.predecessors.isEmpty {
      let names = status.predecessors.map { "\($0)" }.joined(separator: ", ")
      lines.append("                process \(names) has handed over and ends the connections that it has")
    }
    if status.underEarlierRules > 0 {
      lines.append("                \(status.underEarlierRules) requests end under the configuration before a reload")
    }
    lines += section("Listeners", table(status.listeners.map(listener)))
    for site in status.sites { lines += section("Site \(site.name)", self.site(site)) }
    lines += section("Limits", table(status.limits.map { [$0.name, "\($0.taken)", "of \(bound($0.limit))"] }))
    if !status.certificates.isEmpty {
      lines += section(
        "Certificates", table(status.certificates.map { certificate($0, now: status.now) }))
    }
    lines += section("Key ring", table(status.keys.map { key($0, now: status.now) }))
    lines += section(
      "Sessions", ["sealed in the browsers' cookies, and so not counted; \(status.revocations) ended by logout are remembered"])
    lines += section(
      "Audit trail", [status.auditIsHealthy ? "written" : "CANNOT BE WRITTEN FAST ENOUGH, OR AT ALL: patient requests are refused"])
    lines += section("Logs", table(status.logs.map(log)))
    lines += section("Reloads", reloads(status.reloads))
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ title: String, _ lines: [String]) -> [String] { ["", title] + lines.map { "  \($0)" } }

  private static func listener(_ listener: Status.Listener) -> [String] {
    let limit = listener.limit.map { " of \($0)" } ?? ""
    let name = listener.isListening ? "\(listener.scheme)://\(listener.address)" : "\(listener.address) (no longer listening)"
    return [name, "\(listener.connections)\(limit) \(listener.connections == 1 && limit.isEmpty ? "connection" : "connections")"]
  }

  private static func site(_ site: Status.Site) -> [String] {
    var lines = ["hosts         \(site.hosts.joined(separator: " "))"]
    lines.append("requests      \(site.inFlight) in flight, \(site.waiting) of them waiting for the app")
    lines.append("accounts      \(site.accounts)")
    lines.append("since start   \(count(site.logins, "login")), \(site.refusedLogins) refused, \(count(site.logouts, "logout"))")
    lines += table(
      site.upstreams.map { upstream in
        let out = upstream.leftOut > 0 ? ", left out by \(count(upstream.leftOut, "worker"))" : ""
        let doubt = upstream.doubtful > 0 ? ", doubted by \(count(upstream.doubtful, "worker"))" : ""
        return [
          "upstream", upstream.name, "\(upstream.health)\(out)\(doubt)",
          "\(count(upstream.active, "connection")) in use, \(upstream.idle) idle",
        ]
      })
    lines += table(site.limits.map { ["limit", $0.name, "\($0.taken)", "of \(bound($0.limit))"] })
    return lines
  }

  static func certificate(_ certificate: Status.Certificate, now: Int64) -> [String] {
    let end = time(certificate.notAfter)
    return [certificate.file, certificate.notAfter < now ? "EXPIRED \(end)" : "until \(end)", certificate.names.joined(separator: " ")]
  }

  private static func key(_ key: Status.Key, now: Int64) -> [String] {
    [key.id, "\(duration(now - key.since)) old", key.seals ? "seals" : "opens what it sealed"]
  }

  private static func log(_ log: LogStatus) -> [String] {
    let state = log.isFailing ? "CANNOT BE WRITTEN" : log.isFull ? "FULL" : "written"
    let lost = log.lostLines > 0 ? "\(log.lostLines) LOST" : "none lost"
    return [log.destination, state, "\(log.lines) lines waiting", lost]
  }

  private static func reloads(_ history: ReloadHistory) -> [String] {
    guard history.count > 0 else { return ["none since the start"] }
    return table(
      history.entries.reversed().map { entry in
        let found = entry.isReloaded ? count(entry.warnings, "warning") : count(entry.faults, "fault")
        return [
          time(entry.time), entry.isReloaded ? "reloaded" : "REFUSED", found, "by \(entry.trigger.rawValue)", "\(entry.milliseconds) ms",
        ]
      })
  }

  // MARK: Values

  private static func bound(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "any number" }

  private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  /// Columns of the width that they need.
  static func table(_ rows: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
      }
      return line
    }
  }

  /// The two largest units.
  static func duration(_ seconds: Int64) -> String {
    let seconds = max(0, seconds)
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<86_400: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
    }
  }

  private static func time(_ seconds: Int64) -> String {
    var bytes: [UInt8] = []
    HTTPDate(secondsSince1970: seconds).appendIMFFixdate(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
