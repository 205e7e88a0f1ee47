import Crypto
import Session

/// Seals what is kept of sessions that identity providers stand for: their tokens in memory, and the whole of them before they go to the disk.
package struct ProviderSessionSealer: Sendable {
  private let tokenKeys: PurposeKeys
  private let recordKeys: PurposeKeys

  package init(ring: KeyRing) {
    tokenKeys = PurposeKeys(ring, purpose: "provider tokens")
    recordKeys = PurposeKeys(ring, purpose: "provider session")
  }

  /// - Parameters:
  ///   - id: whose tokens they are: under another id they do not open.
  ///   - now: seconds since 1970 UTC.
  package func seal(_ tokens: ProviderTokens, id: SessionID, now: Int64, using crypto: CryptoContext) -> [UInt8] {
    tokenKeys.seal(tokens.encoded, context: id.bytes, now: now, using: crypto)
  }

  /// `nil` for anything that `seal` did not make for this id.
  package func tokens(_ sealed: [UInt8], id: SessionID, using crypto: CryptoContext) -> ProviderTokens? {
    tokenKeys.open(sealed, context: id.bytes, using: crypto).flatMap { ProviderTokens(encoded: $0) }
  }

  /// A whole session, for the store.
  package func seal(_ session: ProviderSession, now: Int64, using crypto: CryptoContext) -> [UInt8] {
    recordKeys.seal(session.encoded, context: [], now: now, using: crypto)
  }

  /// `nil` for anything that `seal` did not make.
  package func session(_ sealed: [UInt8], using crypto: CryptoContext) -> ProviderSession? {
    recordKeys.open(sealed, context: [], using: crypto).flatMap { ProviderSession(encoded: $0) }
  }
}
