import Config
import EventLoop

/// The gateway's configuration for the demo: what a gateway.conf would say.
package enum DemoConfiguration {
  /// - Parameters:
  ///   - folder: absolute path of a private folder that holds the accounts file.
  ///   - listeners: where the gateway takes connections.
  ///   - app: where the legacy app listens.
  package static func make(folder: String, listeners: [Listener], app: SocketAddress) -> Configuration {
    var limits = Limits()
    // Enough for one person, and within what every system allows.
    limits.connections = 200
    let site = Site(
      name: "localhost", hosts: [.exact("localhost"), .exact("127.0.0.1")],
      upstreams: [UpstreamAddress(host: app.host, port: app.port)], patients: [PatientRule(path: PathPattern("/patients"))],
      open: [PathPattern("/about")], logins: [LoginSettings(.password(PasswordLoginSettings(users: folder + "/" + accountsFileName)))],
      identity: IdentityFields(user: "X-Auth-User", name: "X-Auth-Name"), brand: Brand(name: "Harbour Physio"))
    return Configuration(
      file: "the demo", workers: nil, listeners: listeners, keys: folder + "/keys", state: folder + "/state",
      log: EventLog(warningsOnly: true),
      accessLog: .off, audit: auditFolder(in: folder), limits: limits, sites: [site], shutdownTimeout: .seconds(2))
  }

  /// The accounts file's name in the folder.
  package static let accountsFileName = "users.passwd"

  /// Where the audit trail is written.
  package static func auditFolder(in folder: String) -> String { folder + "/audit" }
}
