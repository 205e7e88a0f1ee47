/// What gateway.conf says, checked and complete: every default filled in, every path absolute, every `env:` and `file:` value read.
package struct Configuration: Sendable {
  /// The file it was read from, as the operator named it.
  package var file: String
  /// Event-loop threads; `nil` for `auto`, one for each CPU this process may use.
  package var workers: Int?
  /// At least one, no two the same (port 0 aside).
  package var listeners: [Listener]
  /// Directory of the key ring: absolute, without a final slash, as are the other two. It need not exist yet.
  package var keys: String
  /// Directory of what must survive a restart.
  package var state: String
  /// Start-up, warnings, failures.
  package var log: EventLog
  /// One line for each request.
  package var accessLog: AccessLog
  /// Directory of the audit trail.
  package var audit: String
  package var limits: Limits
  /// At least one; no host is in two of them.
  package var sites: [Site]
  /// How long requests in flight may take after SIGTERM: 0 to 1 h.
  package var shutdownTimeout: Duration
  /// How long a process that has handed over may go on with its connections: 0 to 7 d.
  package var handoverTimeout: Duration
  /// The Unix socket for operators: absolute, at most 107 bytes; `nil` for none.
  package var admin: String?
  /// Whose `Forwarded` and `X-Forwarded-*` are believed.
  package var trustedProxies: [IPNetwork]

  package init(
    file: String, workers: Int?, listeners: [Listener], keys: String, state: String, log: EventLog, accessLog: AccessLog,
    audit: String, limits: Limits, sites: [Site], shutdownTimeout: Duration, handoverTimeout: Duration = .seconds(3600),
    admin: String? = nil, trustedProxies: [IPNetwork] = []
  ) {
    self.file = file
    self.workers = workers
    self.listeners = listeners
    self.keys = keys
    self.state = state
    self.log = log
    self.accessLog = accessLog
    self.audit = audit
    self.limits = limits
    self.sites = sites
    self.shutdownTimeout = shutdownTimeout
    self.handoverTimeout = handoverTimeout
    self.admin = admin
    self.trustedProxies = trustedProxies
  }
}

/// Where events go, and in which form.
package struct EventLog: Sendable, Equatable {
  package enum Format: Sendable { case text, json }
  /// `nil` for standard error; else an absolute path.
  package var path: String?
  /// Lines for people, or one JSON object a line.
  package var format: Format
  /// Leaves out what is neither a warning nor an error, as the demo does.
  package var warningsOnly: Bool

  package init(path: String? = nil, format: Format = .text, warningsOnly: Bool = false) {
    self.path = path
    self.format = format
    self.warningsOnly = warningsOnly
  }
}

/// Where access lines go.
package enum AccessLog: Sendable, Equatable {
  case off
  case to(EventLog)
}
