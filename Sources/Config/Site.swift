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
  /// 1 to 10, in the order of the choice that a browser is given; at most one of them is a password login.
  package var logins: [LoginSettings]
  package var session: SessionSettings
  package var identity: IdentityFields
  package var request: RequestFields
  package var brand: Brand
  /// Bytes of the largest form that is kept while its sender signs in again: 1 to 16 MB; `nil` for none.
  package var holdForms: Int?
  /// Those that may be with the app at once: 1 to 1,000,000; `nil` for no limit.
  package var requests: Int?
  package var webSocket: WebSocketSettings
  package var eventStream: EventStreamSettings
  /// `nil`: browsers are not told to use https only.
  package var strictTransport: StrictTransport?
  package var cookies: AppCookieSettings

  package init(
    name: String, hosts: [HostPattern], upstreams: [UpstreamAddress], upstreamSettings: UpstreamSettings = UpstreamSettings(),
    patients: [PatientRule] = [], protect: Protect = .all, open: [PathPattern] = [], start: String = "/", background: [PathPattern] = [],
    appLogout: [PathPattern] = [],
    logins: [LoginSettings], session: SessionSettings = SessionSettings(), identity: IdentityFields = IdentityFields(),
    request: RequestFields = RequestFields(), brand: Brand = Brand(), holdForms: Int? = Site.usualHoldForms, requests: Int? = nil,
    strictTransport: StrictTransport? = nil,
    webSocket: WebSocketSettings = WebSocketSettings(), eventStream: EventStreamSettings = EventStreamSettings(),
    cookies: AppCookieSettings = AppCookieSettings()
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
    self.logins = logins
    self.session = session
    self.identity = identity
    self.request = request
    self.brand = brand
    self.holdForms = holdForms
    self.requests = requests
    self.webSocket = webSocket
    self.eventStream = eventStream
    self.strictTransport = strictTransport
    self.cookies = cookies
  }
}

extension Site {
  /// `holdForms` where nothing else is said.
  package static let usualHoldForms = 1 << 20

  /// The password login, where there is one.
  package var password: PasswordLoginSettings? {
    for case .password(let settings) in logins.lazy.map(\.kind) { return settings }
    return nil
  }
}

/// `hsts`: for how long browsers that have come by https come by nothing else.
package struct StrictTransport: Sendable, Equatable {
  /// 0 to 10 y; 0 has browsers forget it.
  package var duration: Duration
  package var includesSubdomains: Bool

  package init(duration: Duration, includesSubdomains: Bool = false) {
    self.duration = duration
    self.includesSubdomains = includesSubdomains
  }
}

/// A host that a site answers for, in lower case and without a final dot.
package enum HostPattern: Sendable, Hashable {
  case exact(String)
  /// `*.rest`: one further label of letters, digits and dashes before `.rest`. The value is `rest`, in lower case and without a final dot.
  case wildcard(String)
}

/// What needs a signed-in user.
package enum Protect: Sendable { case all, patient }
