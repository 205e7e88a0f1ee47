import HTTP

/// An absolute `https` or `http` address, read strictly (RFC 3986): a host, perhaps a port, and a path with its query in visible ASCII. There is no
/// user information and no fragment.
package struct FetchAddress: Sendable, Equatable {
  package let isSecure: Bool
  /// A name in lower case or a numeric address, without brackets.
  package let host: String
  /// 1 to 65535.
  package let port: UInt16
  /// What the Host field says: the port only where it is not the scheme's own.
  package let authority: String
  /// Path and query; begins with `/`.
  package let target: String

  private static let longest = 8192

  /// `nil` for anything else, or more than 8192 bytes.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.longest, bytes.allSatisfy(Self.isAllowed) else { return nil }
    let scheme = bytes.prefix { $0 != UInt8(ascii: ":") }
    switch String(decoding: scheme, as: UTF8.self).lowercased() {
    case "https": isSecure = true
    case "http": isSecure = false
    default: return nil
    }
    let rest = bytes.dropFirst(scheme.count)
    guard rest.starts(with: "://".utf8) else { return nil }
    let named = Array(rest.dropFirst(3).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
    guard let (range, given) = splitHostPort(named.span), named[range].last != UInt8(ascii: ".") else { return nil }
    let written = String(decoding: named[range], as: UTF8.self).lowercased()
    let usual = isSecure ? 443 : 80
    port = UInt16(given ?? usual)
    host = written.hasPrefix("[") ? String(written.dropFirst().dropLast()) : written
    authority = port == usual ? written : "\(written):\(port)"
    let after = rest.dropFirst(3 + named.count)
    target = (after.first == UInt8(ascii: "/") ? "" : "/") + String(decoding: after, as: UTF8.self)
  }

  /// For messages: without the query, which may hold what nobody else is to read.
  package var place: String {
    "\(isSecure ? "https" : "http")://\(authority)" + target.prefix { $0 != "?" }
  }

  // Visible, and none that an address holds only in percent-encoding; a fragment is none of the server's business.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !##""#<>\^`{|}"##.utf8.contains(byte)
  }
}
