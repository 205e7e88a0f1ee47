/// Scheme, host and port as browsers compare them (RFC 6454, section 4): lower case, without a default port and without a final dot.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
  /// `http` or `https`.
  package let scheme: String
  /// In lower case; an IPv6 address in brackets.
  package let host: String
  /// `nil` for the scheme's default.
  package let port: UInt16?

  /// `scheme://host[:port]`
  package var description: String { scheme + "://" + authority }

  /// `host[:port]`
  package var authority: String { port.map { "\(host):\($0)" } ?? host }

  /// - Parameters:
  ///   - scheme: what the browser uses, `http` or `https`, in lower case.
  ///   - authority: the value of `Host`; `nil` comes back for one that is no host with an optional port.
  package init?(scheme: String, authority: [UInt8]) {
    guard scheme == "http" || scheme == "https", authority.count <= 300 else { return nil }
    var host = authority[...]
    var port: UInt16?
    if let colon = authority.lastIndex(of: UInt8(ascii: ":")), !authority[colon...].contains(UInt8(ascii: "]")) {
      let digits = authority[(colon + 1)...]
      host = authority[..<colon]
      if !digits.isEmpty {
        guard digits.allSatisfy({ (48...57).contains($0) }), let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0 else {
          return nil
        }
        port = number == (scheme == "https" ? 443 : 80) ? nil : number
      }
    }
    if host.last == UInt8(ascii: ".") { host = host.dropLast() }
    guard Self.isHost(host) else { return nil }
    self.scheme = scheme
    self.host = String(decoding: host.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    self.port = port
  }

  /// From the value of an `Origin` field; `nil` for `null`, for other schemes, and for anything after the port.
  package init?(serialized: [UInt8]) {
    guard let (scheme, rest) = Self.splitScheme(serialized) else { return nil }
    self.init(scheme: scheme, authority: [UInt8](rest))
  }

  /// The scheme in lower case and what follows `://`.
  package static func splitScheme(_ address: [UInt8]) -> (scheme: String, rest: ArraySlice<UInt8>)? {
    let front = String(decoding: address.prefix(8).map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    for scheme in ["https", "http"] where front.hasPrefix(scheme + "://") { return (scheme, address.dropFirst(scheme.utf8.count + 3)) }
    return nil
  }

  private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
    guard let first = host.first, let last = host.last else { return false }
    if first == UInt8(ascii: "[") {
      return host.count > 2 && last == UInt8(ascii: "]") && host.dropFirst().dropLast().allSatisfy { isHex($0) || $0 == 58 || $0 == 46 }
    }
    return first != UInt8(ascii: ".") && last != UInt8(ascii: ".")
      && host.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == 45 || $0 == 46 || $0 == 95 }
  }

  private static func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte | 0x20) }
}
