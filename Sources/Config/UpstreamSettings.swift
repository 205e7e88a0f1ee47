/// Where an app listens.
package struct UpstreamAddress: Sendable, Hashable {
  /// A host name in lower case or a numeric address, without brackets.
  package var host: String
  /// Never 0.
  package var port: UInt16
  /// `https://`
  package var isSecure: Bool

  package init(host: String, port: UInt16, isSecure: Bool = false) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
  }
}

/// What a site's `upstream` block says about its servers.
package struct UpstreamSettings: Sendable, Hashable {
  /// How requests are spread over several servers.
  package enum Balance: Sendable { case roundRobin, leastConnections }

  /// `health`: a request that asks a server how it is.
  package struct HealthCheck: Sendable, Hashable {
    /// Path and perhaps query, in visible ASCII; begins with `/`.
    package var path: String
    /// 100 ms to 1 h.
    package var every = Duration.seconds(5)
    /// For the whole check: 10 ms to 10 min.
    package var timeout = Duration.seconds(2)
    /// Checks in a row that must fail before a server counts as down: 1 to 100.
    package var fails = 3
    /// Checks in a row that must pass before it counts as up again: 1 to 100.
    package var passes = 2

    package init(path: String) { self.path = path }
  }

  /// `eject`: when a server that fails requests is left out.
  package struct Ejection: Sendable, Hashable {
    /// Failures in a row: 1 to 1000.
    package var failures: Int
    /// How long for the first time: 100 ms to 1 h.
    package var pause: Duration

    package init(failures: Int = 5, pause: Duration = .seconds(2)) {
      self.failures = failures
      self.pause = pause
    }
  }

  /// `queue`: requests that wait for a connection.
  package struct Queue: Sendable, Hashable {
    /// All workers together: 0 to 100,000.
    package var length: Int
    /// For how long: 10 ms to 10 min.
    package var wait: Duration

    package init(length: Int = 100, wait: Duration = .seconds(5)) {
      self.length = length
      self.wait = wait
    }
  }

  /// For `https://` addresses.
  package var tls = UpstreamTLS()
  package var balance = Balance.roundRobin
  /// `sticky session`: requests of one session go to one server.
  package var isSticky = false
  /// `nil`: servers are not asked.
  package var health: HealthCheck?
  /// `nil`: none is ever left out for its failures.
  package var ejection: Ejection? = Ejection()
  /// From a server's return until it gets its full share: 0 to 1 h.
  package var slowStart = Duration.seconds(10)
  /// How often a name is looked up: 1 s to 1 d; `nil` for at start and after failures only.
  package var resolveEvery: Duration? = .seconds(30)
  /// To each address, all workers together: 1 to 1,000,000; `nil` for as many as there are requests.
  package var maxConnections: Int?
  package var queue = Queue()
  /// `rewrite off`: inner addresses in answers go on as they are.
  package var rewrites = true
  /// What the app may call itself beside the addresses where it listens: at most 100, all different.
  package var inner: [InnerAddress] = []

  package init() {}
}

/// An address by which an app knows itself, where browsers know it by another one.
package struct InnerAddress: Sendable, Hashable {
  package var address: UpstreamAddress
  /// A path that browsers do not use: begins with a slash and does not end with one, in visible ASCII; empty where there is none.
  package var prefix: String

  package init(address: UpstreamAddress, prefix: String = "") {
    self.address = address
    self.prefix = prefix
  }
}

/// How an app is spoken to over TLS. Paths are absolute, and the files were there when the configuration was read.
package struct UpstreamTLS: Sendable, Hashable {
  /// `ca`: PEM of those that may stand for the app; `nil` for the authorities that the system trusts.
  package var authorities: AuthorityFile?
  /// What its certificate has to be for, in lower case; `nil` for the address's own host.
  package var serverName: String?
  /// `verify off`: whoever answers is believed.
  package var verifies = true
  /// `certificate`: shown to the app.
  package var certificate: CertificateFiles?

  package init() {}

  /// The same, wherever in the configuration it is written.
  package var withoutPlaces: UpstreamTLS {
    var settings = self
    let nowhere = Position(file: "", line: 0, column: 0)
    settings.authorities?.position = nowhere
    settings.certificate?.position = nowhere
    return settings
  }
}
