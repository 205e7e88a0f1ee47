import Crypto

/// The name of one login: 16 random bytes, held inline.
package struct SessionID: Sendable, Hashable {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// From the first 16 bytes of a digest, which has at least as many.
  package init(digest: [UInt8]) {
    var words: (UInt64, UInt64) = (0, 0)
    for i in 0..<8 {
      words.0 = words.0 << 8 | UInt64(digest[i])
      words.1 = words.1 << 8 | UInt64(digest[i + 8])
    }
    self.init(high: words.0, low: words.1)
  }

  /// A fresh, unpredictable id.
  package static func random() -> SessionID {
    SessionID(digest: Random.bytes(16))
  }

  /// A number that spreads sessions over servers.
  package var affinity: UInt64 { high }

  /// The 16 bytes.
  package var bytes: [UInt8] {
    var writer = SealedWriter(capacity: 16)
    writer.write(high)
    writer.write(low)
    return writer.bytes
  }

  /// 32 hexadecimal digits.
  var text: String { String(bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }) }

  private static let digits = Array("0123456789abcdef")
}
