import Crypto
import Session

/// Seals return addresses that are too long for a ticket before they go into the store, which may be another machine's one day.
package struct PendingReturnSealer: Sendable {
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "pending return") }

  /// - Parameter now: seconds since 1970 UTC.
  package func seal(_ address: [UInt8], audience: Audience, now: Int64, using crypto: CryptoContext) -> [UInt8] {
    keys.seal(address, for: audience, now: now, using: crypto)
  }

  /// `nil` for anything that `seal` did not make for this audience.
  package func open(_ sealed: [UInt8], audience: Audience, using crypto: CryptoContext) -> [UInt8]? {
    keys.open(sealed, for: audience, using: crypto)
  }
}
