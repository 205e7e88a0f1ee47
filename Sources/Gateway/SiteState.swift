import Config
import HTTP
import Login
import Session
import Upstream

/// One site as one worker sees it.
final class SiteState {
  let settings: SiteSettings
  let servers: [UpstreamServer]
  /// `nil` where no request ever waits.
  let queue: RequestQueue?
  private let balancer: Balancer
  private var accounts: Accounts
  private var accountsVersion: UInt64
  // The host asked for last, and where a session cookie of it belongs.
  private var lastHost: [UInt8] = []
  private var lastIsSecure = false
  private var lastContext: SealContext?

  init(_ settings: SiteSettings, servers: [UpstreamServer], queue: RequestQueue?) {
    self.settings = settings
    self.servers = servers
    self.queue = queue
    balancer = Balancer(
      mode: settings.site.upstreamSettings.balance == .leastConnections ? .leastConnections : .roundRobin,
      keys: servers.map { Balancer.key($0.name) })
    if let queue { for server in servers { server.onSlotFreed { [unowned queue] in queue.slotFreed() } } }
    accountsVersion = settings.accounts.version
    accounts = settings.accounts.accounts
  }

  /// The server for a request.
  /// - Parameters:
  ///   - excluded: the one that was tried already.
  ///   - affinity: of the request's session, if it has one.
  func choose(excluding excluded: Int?, affinity: UInt64?, _ now: Int64) -> Balancer.Choice {
    if servers.count == 1 {
      let view = servers[0].view(now)
      return view.standing == .down ? .none : view.isFull ? .full : .server(0)
    }
    if let affinity, settings.site.upstreamSettings.isSticky {
      return balancer.choose(affinity: affinity, excluding: excluded) { [servers] in servers[$0].view(now) }
    }
    return balancer.choose(excluding: excluded) { [servers] in servers[$0].view(now) }
  }

  /// How many seconds it takes at least until a server may be up, while all are down.
  func retryAfter(_ now: Int64) -> Int64 {
    let check = settings.site.upstreamSettings.health?.every.milliseconds ?? 1000
    let waits = servers.map { $0.record.isDown ? check : max(now, $0.ejection.returnsAt) - now }
    return max(1, ((waits.min() ?? 1000) + 999) / 1000)
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
