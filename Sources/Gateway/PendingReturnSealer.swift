import Crypto
import Login
import Session

/// Seals return addresses that are too long for a ticket before they go into the store, which may be another machine's one day.
final class PendingReturnSealer {
  private let ring: KeyRing
  private static let purpose = "anteroom pending return 1"

  init(ring: KeyRing) { self.ring = ring }

  /// - Parameter now: seconds since 1970 UTC.
  func seal(_ address: [UInt8], audience: Audience, now: Int64) -> [UInt8] {
    let key = ring.sealing(at: now)
    return key.id + aead(key).seal(address, context: Self.context(audience))
  }

  /// `nil` for anything that `seal` did not make for this audience.
  func open(_ sealed: [UInt8], audience: Audience) -> [UInt8]? {
    guard sealed.count > 4, let key = ring.key(id: Array(sealed.prefix(4))) else { return nil }
    return aead(key).open(sealed.span.extracting(4..<sealed.count), context: Self.context(audience))
  }

  private func aead(_ key: KeyRing.Key) -> AEAD { AEAD(key: HKDF.derive(from: key.secret, info: Self.purpose)) }

  private static func context(_ audience: Audience) -> [UInt8] {
    var writer = SealedWriter()
    writer.write(audience.site)
    writer.write(audience.origin.description)
    return writer.bytes
  }
}
