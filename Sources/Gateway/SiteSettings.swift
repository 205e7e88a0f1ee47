import Config
import Login
import Pages
import Policy
import Session

/// What a site's block of the configuration comes to: compiled once, shared by all workers.
final class SiteSettings: Sendable {
  let site: Site
  let nameBytes: [UInt8]
  let policy: SitePolicy
  let forwarded: ForwardedFields
  let rules: SessionRules
  let pages: SitePages
  /// The lines that `request { set … }` adds.
  let requestLines: [UInt8]
  /// The line that `hsts` adds to answers over https; empty without.
  let strictTransportLine: [UInt8]
  /// `nil`: the app's answers go on as they are.
  let rewriting: AnswerRewriting?
  /// For each of the site's patient rules.
  let patients: [PatientSettings]
  let accounts: WatchedAccounts
  /// In the order of the choice.
  let logins: [SiteLogin]
  let openIDLogins: [OpenIDLogin]
  /// Who is signed in is asked of the app, or of a checker; sessions of ours there are none.
  let keepsOutsideLogin: Bool
  /// Bytes of the largest form that is held, where any is.
  let holdForms: Int?
  /// The notice of the session's end goes into the app's pages.
  let injectsNotice: Bool
  /// Programs may bring access tokens.
  let takesPrograms: Bool
  let memory: SiteMemory
  /// The requests that may be under way at once, where that is limited.
  let gate: Gate?
  let webSocketGate: Gate?
  /// Whose pages may open WebSockets beside the site's own.
  let webSocketOrigins: [WebOrigin]
  /// In milliseconds.
  let webSocketTimeout: Int64
  let eventStreamTimeout: Int64

  /// - Parameter before: the same site's settings until now; what is remembered of it is handed on.
  init(
    _ site: Site, all sites: [Site], limits: Limits, openIDLogins known: [OpenIDLogin] = [], forwardLogins: [ForwardLogin] = [],
    before: SiteSettings? = nil
  ) {
    self.site = site
    nameBytes = [UInt8](site.name.utf8)
    policy = SitePolicy(site: site)
    forwarded = ForwardedFields(owned: OwnedFields(site: site, allSites: sites))
    rules = SessionRules(site.session)
    pages = SitePages(brand: site.brand, start: site.start)
    rewriting = AnswerRewriting(site)
    patients = site.patients.map { PatientSettings($0) }
    requestLines = site.request.set.flatMap { [UInt8]("\($0.name): \($0.value)\r\n".utf8) }
    strictTransportLine =
      site.strictTransport.map { rule in
        let subdomains = rule.includesSubdomains ? "; includeSubDomains" : ""
        return [UInt8]("Strict-Transport-Security: max-age=\(rule.duration.components.seconds)\(subdomains)\r\n".utf8)
      } ?? []
    let users = site.password?.users
    accounts = before.flatMap { $0.accounts.path == users ? $0.accounts : nil } ?? WatchedAccounts(path: users)
    logins = site.logins.compactMap { login in
      switch login.kind {
      case .password: SiteLogin(title: login.label, kind: .password)
      case .openID(let settings):
        known.first { $0.settings == settings }.map { SiteLogin(title: login.label, kind: .openID($0)) }
      case .app(let settings):
        SiteLogin(title: login.label, kind: .app(before?.appLogin(settings) ?? AppLogin(settings, pending: limits.pendingChecks)))
      case .forward(let settings):
        forwardLogins.first { $0.settings == settings }.map { SiteLogin(title: login.label, kind: .forward($0)) }
      }
    }
    openIDLogins = logins.compactMap { if case .openID(let login) = $0.kind { login } else { nil } }
    keepsOutsideLogin = site.logins.contains { login in
      switch login.kind {
      case .app, .forward: true
      case .password, .openID: false
      }
    }
    holdForms = keepsOutsideLogin ? nil : site.holdForms
    injectsNotice = !keepsOutsideLogin && site.session.injectsNotice
    takesPrograms = openIDLogins.contains { $0.settings.bearer != nil }
    gate = site.requests.map { before?.gate ?? Gate(limit: $0) }
    webSocketGate = site.webSocket.connections.map { before?.webSocketGate ?? Gate(limit: $0) }
    if case .same(let others) = site.webSocket.origin {
      webSocketOrigins = others.compactMap { WebOrigin(serialized: [UInt8]($0.utf8)) }
    } else {
      webSocketOrigins = []
    }
    webSocketTimeout = (site.webSocket.idleTimeout ?? limits.tunnelTimeout).milliseconds
    eventStreamTimeout = (site.eventStream.idleTimeout ?? limits.tunnelTimeout).milliseconds
    memory = before?.memory ?? SiteMemory(site.password?.throttle ?? ThrottleSettings(), entries: limits.throttleEntries)
  }

  var hasOpenIDLogin: Bool { !openIDLogins.isEmpty }

  /// The app's own login with these settings, and what is known of its sessions.
  private func appLogin(_ settings: AppLoginSettings) -> AppLogin? {
    for case .app(let login) in logins.lazy.map(\.kind) where login.settings == settings { return login }
    return nil
  }

  /// By `SessionContent.login`.
  func openIDLogin(_ id: String) -> OpenIDLogin? { openIDLogins.first { $0.id == id } }

  /// The lines that tell the app who is signed in.
  func identityLines(_ content: SessionContent) -> [UInt8] {
    var lines: [UInt8] = []
    func add(_ field: String?, _ value: String) {
      if let field { lines += "\(field): \(value)\r\n".utf8 }
    }
    let identity = site.identity
    add(identity.user, content.user)
    if !content.name.isEmpty { add(identity.name, content.name) }
    if !content.email.isEmpty { add(identity.email, content.email) }
    if !content.groups.isEmpty { add(identity.groups, content.groups.joined(separator: ",")) }
    return lines
  }
}

/// One of a site's patient rules, as far as messages go.
struct PatientSettings: Sendable {
  /// As the audit trail names the rule.
  let path: [UInt8]
  /// The name of the field that carries the id, a colon, and a blank.
  let fieldStart: [UInt8]
  /// The app says itself who may keep copies of its answers.
  let appCaches: Bool
  /// Where a signed-in click is sent on to.
  let to: PatientTemplate?
  /// What the app is asked before that.
  let lookup: PatientLookup?

  init(_ rule: PatientRule) {
    path = [UInt8](rule.path.text.utf8)
    fieldStart = [UInt8]("\(rule.header): ".utf8)
    appCaches = rule.appCaches
    to = rule.to
    lookup = rule.lookup.map { PatientLookup($0) }
  }
}

/// The configuration in force, compiled.
final class Settings: Sendable {
  let configuration: Configuration
  let hosts: HostTable
  /// How many hosts, wildcards among them, the sites have.
  let hostCount: Int
  let sites: [SiteSettings]

  let openIDLogins: [OpenIDLogin]
  let forwardLogins: [ForwardLogin]

  /// - Parameters:
  ///   - openIDLogins: as `openIDLogins(_:)` makes them of the same configuration.
  ///   - forwardLogins: as `forwardLogins(_:)` makes them of the same configuration.
  ///   - before: what was in force until now; sites that stay, by their name, hand on what is remembered of them.
  init(_ configuration: Configuration, openIDLogins: [OpenIDLogin] = [], forwardLogins: [ForwardLogin] = [], before: Settings? = nil) {
    self.openIDLogins = openIDLogins
    self.forwardLogins = forwardLogins
    self.configuration = configuration
    hosts = HostTable(sites: configuration.sites)
    hostCount = configuration.sites.reduce(0) { $0 + $1.hosts.count }
    var known: [String: SiteSettings] = [:]
    for site in before?.sites ?? [] { known[site.site.name] = site }
    sites = configuration.sites.map { site in
      SiteSettings(
        site, all: configuration.sites, limits: configuration.limits, openIDLogins: openIDLogins, forwardLogins: forwardLogins,
        before: known[site.name])
    }
  }
}
