import Audit
import Config
import EventLoop
import Session
import Upstream

/// How the gateway is at one moment, for those who operate it. Nothing in it is a secret or about a patient.
struct Status: Sendable {
  struct Listener: Sendable {
    let address: String
    let scheme: String
    let connections: Int
    let limit: Int?
    /// False for one that a reload took away and that has connections left.
    let isListening: Bool
  }

  struct Site: Sendable {
    let name: String
    let hosts: [String]
    /// Requests that have begun and are not answered yet, WebSockets among them.
    let inFlight: Int
    /// Those among them that wait for a connection to the app.
    let waiting: Int
    let logins: Int
    let refusedLogins: Int
    let logouts: Int
    let accounts: Int
    let upstreams: [Upstream]
    let limits: [Limit]
  }

  struct Upstream: Sendable {
    let name: String
    /// What checks say, and what requests have met with.
    let health: String
    /// On how many workers it is left out for its failures, and on how many its last request failed.
    let leftOut: Int
    let doubtful: Int
    let active: Int
    let idle: Int
    let addresses: [String]
  }

  /// A bound and how much of it is taken.
  struct Limit: Sendable {
    let name: String
    let taken: Int
    let limit: Int?
  }

  /// One certificate that listeners show.
  struct Certificate: Sendable {
    let file: String
    let names: [String]
    /// Seconds since 1970 UTC.
    let notAfter: Int64
  }

  struct Key: Sendable {
    /// In hexadecimal digits.
    let id: String
    let since: Int64
    let seals: Bool
  }

  let version: String
  let configuration: String
  let now: Int64
  let startedAt: Int64
  let uptimeSeconds: Int64
  let workers: Int
  /// Those that did not answer in time: their part is missing in all numbers.
  let silentWorkers: [Int]
  let connections: Int
  let idleConnections: Int
  /// Requests that began before the last reload.
  let underEarlierRules: Int
  let listeners: [Listener]
  let sites: [Site]
  let limits: [Limit]
  let certificates: [Certificate]
  let keys: [Key]
  let revocations: Int
  /// The audit trail's first.
  let logs: [LogStatus]
  let auditIsHealthy: Bool
  /// Earlier processes that still end what they have.
  let predecessors: [Int32]
  /// The process that has taken over from this one.
  let successor: Int32?
  let process: Int32
  let reloads: ReloadHistory
}

/// One loop's part of the numbers.
struct WorkerStatus: Sendable {
  var connections = 0
  var idle = 0
  var underEarlierRules = 0
  /// By the names of sites.
  var inFlight: [String: Int] = [:]
  var waiting: [String: Int] = [:]
  var servers: [ObjectIdentifier: Server] = [:]

  struct Server: Sendable {
    var active: Int
    var idle: Int
    var isOut: Bool
    var isDoubtful: Bool
  }
}

extension Worker {
  /// Counts what this loop has. Takes a moment for each ten thousand connections.
  func status() -> WorkerStatus {
    var status = WorkerStatus()
    for server in rules.servers {
      status.servers[ObjectIdentifier(server.record)] = WorkerStatus.Server(
        active: server.active, idle: server.idleCount, isOut: server.ejection.isOut(loop.now),
        isDoubtful: server.view(loop.now).standing == .doubtful)
    }
    status.connections = connections.count
    for connection in connections.values {
      guard let exchange = connection.exchange else {
        if connection.idleQueue != nil { status.idle += 1 }
        continue
      }
      if exchange.rules !== rules { status.underEarlierRules += 1 }
      guard let name = exchange.siteState?.settings.site.name else { continue }
      status.inFlight[name, default: 0] += 1
      if exchange.stage == .queued { status.waiting[name, default: 0] += 1 }
    }
    return status
  }
}
