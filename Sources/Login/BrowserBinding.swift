import Crypto

/// The random value of a browser's binding cookie: return tickets and form tokens are good only in a browser that sends it.
///
/// A browser may hold several, when tabs that had none were given one at the same time: each of them counts.
package struct BrowserBinding: Sendable, Hashable {
  /// Bytes of a binding.
  package static let count = 16

  package let bytes: [UInt8]

  /// `nil` unless `bytes` are 16.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.count else { return nil }
    self.bytes = bytes
  }

  /// From a cookie's value.
  package init?(cookie value: Span<UInt8>) {
    guard let bytes = Base64URL.decode(value) else { return nil }
    self.init(bytes: bytes)
  }

  /// A new one.
  package init() { bytes = Random.bytes(Self.count) }

  /// The cookie's value, 22 characters.
  package var cookieValue: String { Base64URL.encode(bytes) }
}
