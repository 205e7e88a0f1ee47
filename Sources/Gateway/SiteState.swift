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
  /// A token says for which site it was judged nowhere but in the place where it is kept.
  let programs = Programs()
  private let balancer: Balancer
  private var accounts: Accounts
  private var accountsVersion: UInt64

  init(_ settings: SiteSettings, servers: [UpstreamServer], queue: RequestQueue?) {
    self.settings = settings
    self.servers = servers
    self.queue = queue
    balancer = Balancer(
      mode: settings.site.upstreamSettings.balance == .leastConnections ? .leastConnections : .roundRobin,
      keys: servers.map { Balancer.key($0.name) })
    if let queue { for server in servers { server.onSlotFreed { [weak queue] in queue?.slotFreed() != nil } } }
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

  /// The fingerprint that such a session must carry; `nil` if there is no such account, or login, any more.
  func stamp(of session: SessionContent) -> [UInt8]? {
    if session.login == SessionContent.outsideLogin { return settings.keepsOutsideLogin ? session.stamp : nil }
    if session.login == SessionContent.passwordLogin { return currentAccounts.stamp(writtenUser: session.user) }
    return settings.openIDLogin(session.login)?.stamp
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

  /// Whether a session is not revoked, and of an account that is as it was at login. It remembers the accounts' version, which a later
  /// configuration may count anew: a worker's opened sessions and its sites live and go together.
  func stands(_ session: OpenedSession, _ revocations: RevocationView, now: Int64) -> Bool {
    session.stands(revocations, accounts: settings.accounts.version, now: now) { stamp(of: $0) }
  }
}
