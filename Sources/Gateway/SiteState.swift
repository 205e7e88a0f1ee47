import Login
import Session
import HTTP
import Upstream

/// One site as one worker sees it.
final class SiteState {
  let settings: SiteSettings
  let servers: [UpstreamServer]
  var turns = RoundRobin()
  private var accounts: Accounts
  private var accountsVersion: UInt64
  // The host asked for last, and where a session cookie of it belongs.
  private var lastHost: [UInt8] = []
  private var lastIsSecure = false
  private var lastContext: SealContext?

  init(_ settings: SiteSettings, servers: [UpstreamServer]) {
    self.settings = settings
    self.servers = servers
    accountsVersion = settings.accounts.version
    accounts = settings.accounts.accounts
  }

  /// The fingerprint that a session of this user must carry; `nil` if there is no such account any more.
  func stamp(of user: String) -> [UInt8]? {
    currentAccounts.stamp(writtenUser: user)
  }

  /// The accounts as they are now.
  var currentAccounts: Accounts {
    let version = settings.accounts.version
    if version != accountsVersion {
      accountsVersion = version
      accounts = settings.accounts.accounts
    }
    return accounts
  }

  /// Where session cookies of a host belong.
  func sealContext(host: Span<UInt8>, isSecure: Bool) -> SealContext {
    if let lastContext, lastIsSecure == isSecure, isLast(host) { return lastContext }
    let context = SealContext(site: settings.site.name, host: host, isSecure: isSecure)
    lastHost.removeAll(keepingCapacity: true)
    lastHost.append(copying: host)
    lastIsSecure = isSecure
    lastContext = context
    return context
  }

  private func isLast(_ host: Span<UInt8>) -> Bool {
    guard host.count == lastHost.count else { return false }
    for index in 0..<host.count where host[index] != lastHost[index] { return false }
    return true
  }
}
