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
  /// Whose `Forwarded` and `X-Forwarded-*` are believed.
  package var trustedProxies: [IPNetwork]

  package init(
    file: String, workers: Int?, listeners: [Listener], keys: String, state: String, log: EventLog, accessLog: AccessLog,
    audit: String, limits: Limits, sites: [Site], shutdownTimeout: Duration, trustedProxies: [IPNetwork] = []
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
    self.trustedProxies = trustedProxies
  }
}

/// One `listen` directive: an IP address and port, plain HTTP.
package struct Listener: Sendable, Equatable {
  /// A numeric IPv4 or IPv6 address, without brackets.
  package var address: String
  /// 0 lets the kernel choose one.
  package var port: UInt16
  /// Connections of its own: 1 to 1,000,000; `nil` for no limit but the common one.
  package var connections: Int?
  /// `proxy_protocol`: who may connect, and must send a PROXY header; `nil` for anybody, without one.
  package var proxies: [IPNetwork]?
  /// `scheme`: what browsers use; `nil` for what the listener speaks.
  package var scheme: Scheme?

  /// What browsers use.
  package enum Scheme: Sendable { case http, https }

  package init(address: String, port: UInt16, connections: Int? = nil, proxies: [IPNetwork]? = nil, scheme: Scheme? = nil) {
    self.address = address
    self.port = port
    self.connections = connections
    self.proxies = proxies
    self.scheme = scheme
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

/// `limits`: bounds on everything a peer can make the gateway keep or wait for. The manual's table of directives has each one's range.
package struct Limits: Sendable, Equatable {
  /// Bytes of a request head, request line included.
  package var headerBytes = 16 << 10
  /// Fields in a request head.
  package var headerCount = 100
  /// Bytes of a request body.
  package var body = 100 << 20
  /// From the first byte of a request head to its last.
  package var headerTimeout = Duration.seconds(10)
  /// A connection without a request, or a body or answer that does not move.
  package var idleTimeout = Duration.seconds(60)
  /// From the end of the request to the head of the upstream's answer.
  package var upstreamTimeout = Duration.seconds(60)
  /// Between two pieces of an upstream's answer, or of a request's body that it takes.
  package var upstreamStallTimeout = Duration.seconds(60)
  /// A WebSocket, or a stream of events, on which nothing moves.
  package var tunnelTimeout = Duration.seconds(3600)
  /// To connect to an upstream.
  package var connectTimeout = Duration.seconds(5)
  /// Client connections, all listeners together.
  package var connections = 10_000
  /// Those of one client address, an IPv6 client's /64; `nil` for no limit.
  package var connectionsPerAddress: Int?
  /// Bytes a second at which a request body must come; `nil` for no limit.
  package var bodyRate: Int? = 500
  /// Bytes a second at which an answer must be taken; `nil` for no limit.
  package var sendRate: Int? = 500
  /// How long a client may fall short of either.
  package var rateGrace = Duration.seconds(20)
  /// Idle connections kept to each upstream by each worker.
  package var upstreamIdle = 64
  /// Password checks waiting for a thread; beyond it, a login is answered 503.
  package var pendingLogins = 64
  /// Long return addresses that wait in the store, all browsers together.
  package var pendingReturns = 1_000
  /// Accounts, addresses and devices that the login throttle remembers, each.
  package var throttleEntries = 50_000

  package init() {}
}

/// One `site` block.
package struct Site: Sendable {
  /// The first host as written: what logs and sealed values call this site.
  package var name: String
  /// At least one; none of them is in another site.
  package var hosts: [HostPattern]
  /// At least one, all different, none of them a listener of the gateway's own.
  package var upstreams: [UpstreamAddress]
  package var upstreamSettings: UpstreamSettings
  /// No two for the same path, a final slash aside. Empty only under `protect all`.
  package var patients: [PatientRule]
  package var protect: Protect
  /// Paths that need no login; a patient rule that fits too wins.
  package var open: [PathPattern]
  /// A path, perhaps with a query or fragment, in visible ASCII: begins with one `/`, has no backslash, and is not below `/.anteroom`.
  package var start: String
  /// Requests that are no activity.
  package var background: [PathPattern]
  /// The app's own logout addresses, which end our session too.
  package var appLogout: [PathPattern]
  package var login: PasswordLoginSettings
  package var session: SessionSettings
  package var identity: IdentityFields
  package var request: RequestFields
  package var brand: Brand
  /// Those that may be with the app at once: 1 to 1,000,000; `nil` for no limit.
  package var requests: Int?
  package var webSocket: WebSocketSettings
  package var eventStream: EventStreamSettings

  package init(
    name: String, hosts: [HostPattern], upstreams: [UpstreamAddress], upstreamSettings: UpstreamSettings = UpstreamSettings(),
    patients: [PatientRule] = [], protect: Protect = .all, open: [PathPattern] = [], start: String = "/", background: [PathPattern] = [],
    appLogout: [PathPattern] = [],
    login: PasswordLoginSettings, session: SessionSettings = SessionSettings(), identity: IdentityFields = IdentityFields(),
    request: RequestFields = RequestFields(), brand: Brand = Brand(), requests: Int? = nil,
    webSocket: WebSocketSettings = WebSocketSettings(), eventStream: EventStreamSettings = EventStreamSettings()
  ) {
    self.name = name
    self.hosts = hosts
    self.upstreams = upstreams
    self.upstreamSettings = upstreamSettings
    self.patients = patients
    self.protect = protect
    self.open = open
    self.start = start
    self.background = background
    self.appLogout = appLogout
    self.login = login
    self.session = session
    self.identity = identity
    self.request = request
    self.brand = brand
    self.requests = requests
    self.webSocket = webSocket
    self.eventStream = eventStream
  }
}

/// `websocket`: connections that stay, with bytes both ways.
package struct WebSocketSettings: Sendable, Equatable {
  /// Whose pages may open one.
  package enum Origin: Sendable, Equatable {
    case any
    /// The site's own pages, and those of these origins: `scheme://host[:port]` in lower case, without a default port.
    case same(others: [String])
  }

  package var origin = Origin.same(others: [])
  /// Nothing moves: 10 ms to 7 d; `nil` for `Limits.tunnelTimeout`.
  package var idleTimeout: Duration?
  /// It does not outlive the session that opened it.
  package var endsWithSession = true
  /// At once: 1 to 1,000,000; `nil` for no limit.
  package var connections: Int?

  package init() {}
}

/// `event_stream`: answers of the type `text/event-stream`.
package struct EventStreamSettings: Sendable, Equatable {
  /// Nothing comes: 10 ms to 7 d; `nil` for `Limits.tunnelTimeout`.
  package var idleTimeout: Duration?
  /// It does not outlive the session that asked for it.
  package var endsWithSession = true

  package init() {}
}

/// A host that a site answers for, in lower case and without a final dot.
package enum HostPattern: Sendable, Hashable {
  case exact(String)
  /// `*.rest`: one further label of letters, digits and dashes before `.rest`. The value is `rest`, in lower case and without a final dot.
  case wildcard(String)
}

/// Where an app listens.
package struct UpstreamAddress: Sendable, Hashable {
  /// A host name in lower case or a numeric address, without brackets.
  package var host: String
  /// Never 0.
  package var port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }
}

/// The address registered for the patient button.
package struct PatientRule: Sendable, Equatable {
  /// What a GET without the parameter gets: the app, or 400.
  package enum Missing: Sendable { case pass, reject }
  /// Means itself with and without a final slash.
  package var path: PathPattern
  /// The parameter's name: 1 to 64 letters, digits, `_` and `-`.
  package var query: String
  /// The field that carries the id to the app: a token (RFC 9110 section 5.6.2) that no other directive of the site names.
  package var header: String
  package var missing: Missing
  /// `cache app`: the app's own `Cache-Control` stands on answers about a patient.
  package var appCaches: Bool

  package init(
    path: PathPattern, query: String = "patient_id", header: String = "X-Cliniko-Patient-Id", missing: Missing = .pass,
    appCaches: Bool = false
  ) {
    self.path = path
    self.query = query
    self.header = header
    self.missing = missing
    self.appCaches = appCaches
  }
}

/// A path as `open`, `patient`, `background` and `app_logout` take it: begins with `/`; a final `/*` is the whole subtree; a `*` elsewhere
/// is any run of characters within one segment. Checked when read; kept as written: visible ASCII without `?`, `#`, `;`, `\`, empty and dot
/// segments; `%` only before the two digits of a blank or of a byte from 0x80 on.
package struct PathPattern: Sendable, Hashable {
  package var text: String

  package init(_ text: String) { self.text = text }
}

/// What needs a signed-in user.
package enum Protect: Sendable { case all, patient }

/// `login password`.
package struct PasswordLoginSettings: Sendable, Equatable {
  /// Absolute path of the accounts file.
  package var users: String
  package var throttle: ThrottleSettings

  package init(users: String, throttle: ThrottleSettings = ThrottleSettings()) {
    self.users = users
    self.throttle = throttle
  }
}

/// Failed logins that are borne before further ones are refused.
package struct ThrottleSettings: Sendable, Equatable {
  package struct Rate: Sendable, Equatable {
    /// 1 to 100,000.
    package var count: Int
    /// 1 s to 30 d.
    package var window: Duration

    package init(count: Int, window: Duration) {
      self.count = count
      self.window = window
    }
  }
  /// For one account.
  package var account = Rate(count: 5, window: .seconds(600))
  /// From one address.
  package var address = Rate(count: 50, window: .seconds(600))
  /// How long a lock lasts: 1 s to 30 d.
  package var lock = Duration.seconds(900)

  package init() {}
}

/// `session`: how long a login lasts.
package struct SessionSettings: Sendable, Equatable {
  /// Without activity: 1 s to 1 y, at most `lifetime`.
  package var idle: Duration
  /// In all: 1 s to 1 y.
  package var lifetime: Duration

  package init(idle: Duration = .seconds(2 * 3600), lifetime: Duration = .seconds(12 * 3600)) {
    self.idle = idle
    self.lifetime = lifetime
  }
}

/// `identity`: the fields that carry the signed-in user to the app; a `nil` one is not sent.
package struct IdentityFields: Sendable, Equatable {
  package var user: String?
  package var name: String?
  package var email: String?
  package var groups: String?

  package init(user: String? = "X-Auth-User", name: String? = nil, email: String? = nil, groups: String? = nil) {
    self.user = user
    self.name = name
    self.email = email
    self.groups = groups
  }
}

/// `request`: fields set or dropped on the way to the app.
package struct RequestFields: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package var name: String
    /// 1 to 8192 bytes without control bytes and without a blank at either end.
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
  /// No two of the same name, compared without case and with `-` for all but letters and digits; none of those in `drop`.
  package var set: [Field]
  package var drop: [String]

  package init(set: [Field] = [], drop: [String] = []) {
    self.set = set
    self.drop = drop
  }
}

/// `brand`: whose pages they are.
package struct Brand: Sendable, Equatable {
  package struct Logo: Sendable, Equatable {
    /// `image/svg+xml` or `image/png`.
    package var type: String
    package var bytes: [UInt8]

    package init(type: String, bytes: [UInt8]) {
      self.type = type
      self.bytes = bytes
    }
  }
  package var name: String?
  package var logo: Logo?

  package init(name: String? = nil, logo: Logo? = nil) {
    self.name = name
    self.logo = logo
  }
}
