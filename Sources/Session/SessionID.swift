import Crypto

/// The name of one login: 16 random bytes, held inline.
package struct SessionID: Sendable, Hashable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The id that 16 bytes stand for; `nil` for another count.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    var reader = SealedReader(bytes)
    guard let high = reader.readUInt64(), let low = reader.readUInt64() else { return nil }
    self.init(high: high, low: low)
  }

  /// A fresh, unpredictable id.
  package static func random() -> SessionID {
    let bytes = Random.bytes(16)
    var words: (UInt64, UInt64) = (0, 0)
    for i in 0..<8 {
      words.0 = words.0 << 8 | UInt64(bytes[i])
      words.1 = words.1 << 8 | UInt64(bytes[i + 8])
    }
    return SessionID(high: words.0, low: words.1)
  }

  /// The 16 bytes.
  package var bytes: [UInt8] {
    var writer = SealedWriter(capacity: 16)
    writer.write(high)
    writer.write(low)
    return writer.bytes
  }

  /// base64url, 22 characters: for logs and for `/.anteroom/session`. The id alone opens nothing.
  package var description: String { Base64URL.encode(bytes) }
}
