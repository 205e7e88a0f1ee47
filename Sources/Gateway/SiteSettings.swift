import Config
import Login
import Pages
import Policy
import Session
import Synchronization

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
  let accounts: WatchedAccounts
  let throttle: Mutex<Throttle>
  /// The requests that may be under way at once, where that is limited.
  let gate: Gate?

  init(_ site: Site, all sites: [Site], limits: Limits) {
    self.site = site
    nameBytes = [UInt8](site.name.utf8)
    policy = SitePolicy(site: site)
    forwarded = ForwardedFields(owned: OwnedFields(site: site, allSites: sites))
    rules = SessionRules(site.session)
    pages = SitePages(brand: site.brand, start: site.start)
    requestLines = site.request.set.flatMap { [UInt8]("\($0.name): \($0.value)\r\n".utf8) }
    strictTransportLine =
      site.strictTransport.map { rule in
        let subdomains = rule.includesSubdomains ? "; includeSubDomains" : ""
        return [UInt8]("Strict-Transport-Security: max-age=\(rule.duration.components.seconds)\(subdomains)\r\n".utf8)
      } ?? []
    accounts = WatchedAccounts(path: site.login.users)
    gate = site.requests.map { Gate(limit: $0) }
    throttle = Mutex(Throttle(settings: site.login.throttle, entries: limits.throttleEntries))
  }
}

/// The configuration in force, compiled.
final class Settings: Sendable {
  let configuration: Configuration
  let hosts: HostTable
  let sites: [SiteSettings]
  /// Of each listener; `nil` for plain ones.
  let certificates: [WatchedCertificates?]

  init(_ configuration: Configuration, certificates: [WatchedCertificates?]? = nil) {
    self.certificates = certificates ?? configuration.listeners.map { _ in nil }
    self.configuration = configuration
    hosts = HostTable(sites: configuration.sites)
    sites = configuration.sites.map { SiteSettings($0, all: configuration.sites, limits: configuration.limits) }
  }
}
