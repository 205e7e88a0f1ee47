import Crypto

/// The gateway's own keys: every one opens what it sealed, one of them seals.
///
/// From each ring key a key is derived for each purpose (`HKDF`, RFC 5869), so that what was sealed for one never opens as another.
package struct KeyRing: Sendable {
  /// One key of the ring.
  package struct Key: Sendable {
    /// Four bytes that name the key in what it sealed; they tell nothing about the key itself.
    package let id: [UInt8]
    /// 32 bytes.
    package let secret: Secret
    /// Since when the key has been in the ring, in seconds since 1970 UTC.
    package let since: Int64

    /// A key of 32 bytes, in the ring since that many seconds after 1970 UTC.
    package init(secret: Secret, since: Int64) {
      self.secret = secret
      self.since = since
      id = HKDF.derive(from: secret, info: "anteroom key id", count: 4).withBytes { [$0[0], $0[1], $0[2], $0[3]] }
    }
  }

  /// How long a key must have been in the ring before it seals, in seconds: by then every process that shares the ring has read it.
  package static let settling: Int64 = 60

  /// Newest first; never empty.
  package let keys: [Key]

  /// The ring of these keys in any order; `nil` for none.
  package init?(_ keys: [Key]) {
    guard !keys.isEmpty else { return nil }
    // Keys of the same second are put in the same order by every process that shares the ring.
    self.keys = keys.sorted { $0.since != $1.since ? $0.since > $1.since : $0.id.lexicographicallyPrecedes($1.id) }
  }

  /// The key that seals at `now` (seconds since 1970): the newest one that has settled, else the oldest.
  package func sealing(at now: Int64) -> Key { keys[sealingIndex(at: now)] }

  /// Where in `keys` that key stands.
  package func sealingIndex(at now: Int64) -> Int {
    var index = 0
    while index < keys.count - 1, keys[index].since + Self.settling > now { index += 1 }
    return index
  }
}
