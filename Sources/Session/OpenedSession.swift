/// A session as a thread has opened it: what was sealed, and what follows from it. Not `Sendable`: it remembers when its thread last made sure of it.
package final class OpenedSession {
  /// What its cookie says.
  package let content: SessionContent
  package let times: SessionTimes
  /// The lines that tell apps who is signed in, made once by whoever opened it.
  package let identityLines: [UInt8]
  /// What has been found in order: as long as both versions stay, it still is.
  private var revocationsVersion = UInt64.max
  private var accountsVersion = UInt64.max
  /// What follows its identity provider; `nil` for an account of an accounts file.
  package let provider: ProviderSession?
  private let providerVersion: UInt64
  /// What follows the app's own session, or a checker's; `nil` for a session of ours.
  package let outside: OutsideSession?
  /// It has ended for good, and only says whose it was.
  package let isOver: Bool

  /// - Parameters:
  ///   - identityLines: empty for a session that no request is forwarded with.
  ///   - isOver: its provider's part is gone.
  ///   - providerVersion: of `provider` when the content and the lines were taken from it.
  package init(
    _ content: SessionContent, identityLines: [UInt8] = [], provider: ProviderSession? = nil, providerVersion: UInt64 = 0,
    outside: OutsideSession? = nil, isOver: Bool = false
  ) {
    self.isOver = isOver
    self.content = content
    times = content.times
    self.identityLines = identityLines
    self.provider = provider
    self.providerVersion = providerVersion
    self.outside = outside
  }

  /// The provider has told something new since it was opened.
  var isOutdated: Bool {
    guard let provider else { return false }
    return provider.version != providerVersion
  }

  /// Which login it is.
  package var id: SessionID { content.id }
  /// As the accounts file, or the provider, writes it.
  package var user: String { content.user }

  /// Whether it is not revoked, not ended by its provider or keeper, and its account is as it was at login. Looks again only where revocations or accounts have changed.
  ///
  /// - Parameters:
  ///   - version: changes with the accounts of its site, always the same site's.
  ///   - stamp: what the stamp of such a session is now.
  package func stands(
    _ revocations: RevocationView, accounts version: UInt64, now: Int64, stamp: (SessionContent) -> [UInt8]?
  ) -> Bool {
    if let provider, provider.isEnded { return false }
    if let outside, outside.isEnded { return false }
    if !revocations.isCurrent(revocationsVersion) {
      if let until = revocations.end(of: content.id) {
        // Not to be remembered: clocks are set back at times.
        if now < until { return false }
      } else {
        revocationsVersion = revocations.version
      }
    }
    if version != accountsVersion {
      guard stamp(content) == content.stamp else { return false }
      accountsVersion = version
    }
    return true
  }
}
