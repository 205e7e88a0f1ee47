import Synchronization

/// Who somebody is by what an identity provider says.
package struct ProviderAccount: Sendable, Equatable {
  /// Not empty.
  package var user: String
  package var name: String
  package var email: String
  package var groups: [String]

  package init(user: String, name: String = "", email: String = "", groups: [String] = []) {
    self.user = user
    self.name = name
    self.email = email
    self.groups = groups
  }
}

/// One session that an identity provider stands for, as all loops share it: its cookie names it, and here is what the provider has said last.
///
/// Reading costs requests an atomic word or two. One refresh runs at a time, however many requests want it.
package final class ProviderSession: Sendable {
  /// What never changes.
  package struct Facts: Sendable, Equatable {
    package let id: SessionID
    /// `Site.name`.
    package let site: String
    /// `SessionContent.login`.
    package let login: String
    /// The provider's own, lasting name of the person (`sub`).
    package let subject: String
    /// Which of the person's sessions at the provider it belongs to (`sid`), where the provider says so.
    package let providerSessionID: String?
    /// In seconds since 1970 UTC, as `notAfter`.
    package let authenticatedAt: Int64
    /// `SessionContent.notAfter`.
    package let notAfter: Int64

    package init(
      id: SessionID, site: String, login: String, subject: String, providerSessionID: String?, authenticatedAt: Int64, notAfter: Int64
    ) {
      self.id = id
      self.site = site
      self.login = login
      self.subject = subject
      self.providerSessionID = providerSessionID
      self.authenticatedAt = authenticatedAt
      self.notAfter = notAfter
    }
  }

  /// What a refresh replaces.
  package struct State: Sendable, Equatable {
    package var account: ProviderAccount
    /// Opened only to be used.
    package var sealedTokens: [UInt8]
    /// From then on the tokens are to be renewed, in seconds since 1970 UTC; `.max` for never.
    package var refreshAt: Int64
    /// From then on no request is answered before they are; `.max` for never.
    package var expiresAt: Int64

    package init(account: ProviderAccount, sealedTokens: [UInt8] = [], refreshAt: Int64 = .max, expiresAt: Int64 = .max) {
      self.account = account
      self.sealedTokens = sealedTokens
      self.refreshAt = refreshAt
      self.expiresAt = expiresAt
    }
  }

  /// What came of a refresh.
  package enum RefreshOutcome: Sendable {
    case renewed(State)
    /// The provider could not be asked: all stays, until this second.
    case postponed(until: Int64)
    /// The provider has refused it.
    case refused
  }

  private struct Changing {
    var state: State
    /// Those who wait for the refresh that is under way; `nil` while none is.
    var waiters: [CheckedContinuation<Void, Never>]?
  }

  package let facts: Facts
  private let changing: Mutex<Changing>
  private let versionNumber = Atomic<UInt64>(1)
  private let refreshAt: Atomic<Int64>
  private let expiresAt: Atomic<Int64>
  private let hasEnded = Atomic<Bool>(false)

  package init(_ facts: Facts, _ state: State) {
    self.facts = facts
    changing = Mutex(Changing(state: state))
    refreshAt = Atomic(state.refreshAt)
    expiresAt = Atomic(state.expiresAt)
  }

  /// Changes whenever the state does.
  package var version: UInt64 { versionNumber.load(ordering: .acquiring) }
  /// The provider, or a logout, has ended it.
  package var isEnded: Bool { hasEnded.load(ordering: .acquiring) }
  package var state: State { changing.withLock { $0.state } }

  /// Whether the tokens should be renewed.
  package func isDue(_ now: Int64) -> Bool { now >= refreshAt.load(ordering: .relaxed) }

  /// Whether nothing should be answered before they are.
  package func isExpired(_ now: Int64) -> Bool { isDue(now) && now >= expiresAt.load(ordering: .relaxed) }

  /// Ends it for every request that comes.
  package func end() { hasEnded.store(true, ordering: .releasing) }

  // MARK: Refresh

  /// True for the one caller that has to refresh it, and then calls `finishRefresh`.
  package func beginRefresh() -> Bool {
    changing.withLock { changing in
      guard changing.waiters == nil, !isEnded else { return false }
      changing.waiters = []
      return true
    }
  }

  /// Comes back when no refresh is under way.
  package func refreshEnded() async {
    await withCheckedContinuation { continuation in
      let isOver = changing.withLock { changing in
        guard changing.waiters != nil else { return true }
        changing.waiters?.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// Takes over what came of the refresh, and wakes all that wait for it.
  package func finishRefresh(_ outcome: RefreshOutcome) {
    let waiters = changing.withLock { changing in
      switch outcome {
      case .renewed(let state):
        changing.state = state
        refreshAt.store(state.refreshAt, ordering: .relaxed)
        expiresAt.store(state.expiresAt, ordering: .relaxed)
        versionNumber.add(1, ordering: .releasing)
      case .postponed(let until):
        changing.state.refreshAt = until
        refreshAt.store(until, ordering: .relaxed)
      case .refused: end()
      }
      defer { changing.waiters = nil }
      return changing.waiters ?? []
    }
    for waiter in waiters { waiter.resume() }
  }
}

extension ProviderSession {
  /// The bytes that are sealed and kept: no two different sessions share them.
  package var encoded: [UInt8] {
    let state = state
    var writer = SealedWriter(capacity: 512 + state.sealedTokens.count)
    writer.write(facts.id.high)
    writer.write(facts.id.low)
    writer.write(facts.authenticatedAt)
    writer.write(facts.notAfter)
    writer.write(facts.site)
    writer.write(facts.login)
    writer.write(facts.subject)
    writer.write(UInt8(facts.providerSessionID == nil ? 0 : 1))
    writer.write(facts.providerSessionID ?? "")
    writer.write(state.refreshAt)
    writer.write(state.expiresAt)
    writer.write(state.account.user)
    writer.write(state.account.name)
    writer.write(state.account.email)
    writer.write(state.account.groups)
    writer.write(state.sealedTokens)
    return writer.bytes
  }

  /// The session that `encoded` wrote; `nil` for any other bytes.
  package convenience init?(encoded bytes: [UInt8]) {
    var reader = SealedReader(bytes)
    guard let high = reader.readUInt64(), let low = reader.readUInt64(), let authenticatedAt = reader.readInt64(),
      let notAfter = reader.readInt64(), let site = reader.readText(), let login = reader.readText(), let subject = reader.readText(),
      let hasSession = reader.readUInt8(), let sessionID = reader.readText(), let refreshAt = reader.readInt64(),
      let expiresAt = reader.readInt64(), let user = reader.readText(), !user.isEmpty, let name = reader.readText(),
      let email = reader.readText(), let groups = reader.readTexts(), let tokens = reader.readBytes(), reader.isAtEnd
    else { return nil }
    self.init(
      Facts(
        id: SessionID(high: high, low: low), site: site, login: login, subject: subject,
        providerSessionID: hasSession == 1 ? sessionID : nil, authenticatedAt: authenticatedAt, notAfter: notAfter),
      State(
        account: ProviderAccount(user: user, name: name, email: email, groups: groups), sealedTokens: tokens, refreshAt: refreshAt,
        expiresAt: expiresAt))
  }
}
