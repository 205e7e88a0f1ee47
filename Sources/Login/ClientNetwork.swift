import Config
import Session

/// The network that a client's address counts for, in the login throttle and elsewhere: an IPv4 address, or the /64 of an IPv6 address, which is
/// what one household or office usually has. An IPv4-mapped IPv6 address counts as IPv4.
package struct ClientNetwork: Hashable, Sendable {
  /// 4 or 6.
  let family: UInt8
  let prefix: UInt64

  init(family: UInt8, prefix: UInt64) {
    self.family = family
    self.prefix = prefix
  }

  /// The same for the same network, and for no other.
  package var bytes: [UInt8] {
    var writer = SealedWriter(capacity: 9)
    writer.write(family)
    writer.write(prefix)
    return writer.bytes
  }

  /// From an address in text (RFC 4291, section 2.2), without brackets and port; an IPv6 zone is left out of account.
  package init?(text: String) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = IPAddress(String(parts[0]))?.bytes else { return nil }
    self.init(family: bytes.count == 4 ? 4 : 6, prefix: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}
