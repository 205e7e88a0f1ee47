import Crypto

/// The random value of a browser's binding cookie: return tickets and form tokens are good only in a browser that sends it.
///
/// A browser may hold several, when tabs that had none were given one at the same time: each of them counts.
package struct BrowserBinding: Sendable, Hashable {
  /// Bytes of a binding.
  package static let count = 16

  // Inline: one is made for each stranger.
  let high: UInt64
  let low: UInt64

  /// `nil` unless `bytes` are 16.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.count else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// From a cookie's value.
  package init?(cookie value: Span<UInt8>) {
    guard let bytes = Base64URL.decode(value) else { return nil }
    self.init(bytes: bytes)
  }

  /// A new one.
  package init(_ random: RandomSupply) {
    high = random.number()
    low = random.number()
  }

  /// The 16 bytes.
  package var bytes: [UInt8] {
    let inline = inline
    return (0..<Self.count).map { inline[$0] }
  }

  /// The cookie's value, 22 characters.
  package var cookieValue: String {
    var value: [UInt8] = []
    appendCookieValue(to: &value)
    return String(decoding: value, as: UTF8.self)
  }

  /// Appends the cookie's value.
  package func appendCookieValue(to output: inout [UInt8]) {
    let inline = inline
    Base64URL.append(inline.span, to: &output)
  }

  private var inline: [16 of UInt8] {
    [16 of UInt8] { i in UInt8(truncatingIfNeeded: (i < 8 ? high : low) &>> UInt64(56 &- (i & 7) &* 8)) }
  }
}
