import Config

/// Where browsers are: the origin that they used, which takes the place of an app's inner addresses.
package struct PublicOrigin: Sendable, Equatable {
  /// Scheme and host, and the port where there is one: `https://app.example.com`.
  package let bytes: [UInt8]
  let isSecure: Bool
  /// The host alone, in lower case, without port and final dot.
  let name: [UInt8]
  /// How an app that does not know of TLS writes this host in its `http://` addresses, in lower case; none where browsers use plain HTTP.
  fileprivate let plainAuthorities: [[UInt8]]

  /// - Parameter host: a Host field's value, of one of the site's hosts.
  package init(host: [UInt8], isSecure: Bool) {
    self.isSecure = isSecure
    bytes = Array((isSecure ? "https://" : "http://").utf8) + host
    let folded = InnerAddresses.folded(host.span)
    let colon = folded.lastIndex(of: ASCII.colon).flatMap { folded[$0...].contains(ASCII.rightBracket) ? nil : $0 }
    var name = folded[..<(colon ?? folded.endIndex)]
    plainAuthorities = !isSecure ? [] : colon == nil ? [folded, folded + Array(":80".utf8)] : [folded]
    if name.last == ASCII.dot { name = name.dropLast() }
    self.name = Array(name)
  }
}

/// The addresses by which an app knows itself, and which mean nothing to browsers, or should not be known to them.
///
/// Compared are whole authorities, byte for byte but for the case of letters, with the spellings that an address may have: user information, a
/// backslash, a longer host or any other doubt makes it somebody else's address, which goes on as it is.
package struct InnerAddresses: Sendable {
  private struct Inner: Sendable {
    let isSecure: Bool
    let authorities: [[UInt8]]
    /// Begins with a slash and does not end with one; empty where there is none.
    let prefix: [UInt8]
  }

  /// Those with a longer prefix first.
  private let inner: [Inner]
  /// In lower case.
  private let hosts: Set<[UInt8]>

  /// Of the site's upstreams, and of what else its `upstream` block names.
  package init(site: Site) {
    let named = site.upstreamSettings.inner + site.upstreams.map { InnerAddress(address: $0) }
    inner = named.map { Inner(isSecure: $0.address.isSecure, authorities: Self.authorities($0.address), prefix: Array($0.prefix.utf8)) }
      .sorted { $0.prefix.count > $1.prefix.count }
    hosts = Set(named.map { Array($0.address.host.lowercased().utf8) })
  }

  /// The public address in the place of an inner one: another origin, and the path less an inner prefix; path, query and fragment stay as they
  /// are, byte for byte. `nil` for every other address, relative ones among them.
  package func rewritten(_ address: Span<UInt8>, to origin: PublicOrigin) -> [UInt8]? {
    guard let (scheme, start) = Self.scheme(address) else { return nil }
    var end = start
    while end < address.count, ![ASCII.slash, ASCII.question, ASCII.hash].contains(address[end]) { end += 1 }
    let authority = Self.folded(address.extracting(start..<end))
    let rest = address.extracting(end..<address.count)
    for one in inner where scheme.fits(isSecure: one.isSecure) && one.authorities.contains(authority) {
      guard let count = Self.count(of: one.prefix, before: rest) else { continue }
      let path = rest.extracting(count..<rest.count)
      // What is left of a prefix that was the whole path.
      let slash = count > 0 && (path.isEmpty || path[0] != ASCII.slash) ? [ASCII.slash] : []
      return origin.bytes + slash + Self.bytes(path)
    }
    guard scheme == .plain, origin.plainAuthorities.contains(authority) else { return nil }
    return origin.bytes + Self.bytes(rest)
  }

  /// The same for the address in a `Refresh` field, read as browsers do (HTML, "shared declarative refresh steps"): a number, blanks or `;` or `,`, perhaps
  /// `url=`, perhaps quotes.
  package func rewritten(refresh value: Span<UInt8>, to origin: PublicOrigin) -> [UInt8]? {
    guard let range = Self.address(inRefresh: value), let address = rewritten(value.extracting(range), to: origin) else { return nil }
    return Self.bytes(value.extracting(0..<range.lowerBound)) + address + Self.bytes(value.extracting(range.upperBound..<value.count))
  }

  /// A cookie's path less an inner prefix, at least `/`; `nil` where it has none.
  func rewritten(cookiePath path: Span<UInt8>) -> [UInt8]? {
    for one in inner {
      guard let count = Self.count(of: one.prefix, before: path), count > 0 else { continue }
      return count == path.count ? [ASCII.slash] : Self.bytes(path.extracting(count..<path.count))
    }
    return nil
  }

  /// Whether a cookie's `Domain` means an inner host, or a domain that one is in, and not the host that browsers use: such a cookie they refuse.
  func isInner(domain: Span<UInt8>, to origin: PublicOrigin) -> Bool {
    var domain = Self.bytes(domain).map(ASCII.lower)
    if domain.first == ASCII.dot { domain.removeFirst() }
    guard !domain.isEmpty, !Self.isWithin(origin.name, domain) else { return false }
    return hosts.contains { Self.isWithin($0, domain) }
  }

  private static func isWithin(_ host: [UInt8], _ domain: [UInt8]) -> Bool {
    host == domain || host.reversed().starts(with: ([ASCII.dot] + domain).reversed())
  }

  // MARK: Reading

  private enum Scheme {
    case plain, secure, any

    func fits(isSecure: Bool) -> Bool { self == .any || (self == .secure) == isSecure }
  }

  /// An absolute address's scheme, or that of the page for `//host`; and where the authority begins.
  private static func scheme(_ address: Span<UInt8>) -> (Scheme, Int)? {
    let schemes: [(Scheme, String)] = [(.any, "//"), (.plain, "http://"), (.secure, "https://")]
    for (scheme, text) in schemes where hasPrefix(address, text) { return (scheme, text.utf8.count) }
    return nil
  }

  private static func hasPrefix(_ bytes: Span<UInt8>, _ text: String) -> Bool {
    var index = 0
    for byte in text.utf8 {
      guard index < bytes.count, ASCII.lower(bytes[index]) == byte else { return false }
      index += 1
    }
    return true
  }

  /// How the address's host and port may be written, folded: the port that goes without saying may be said.
  private static func authorities(_ address: UpstreamAddress) -> [[UInt8]] {
    let host = address.host.contains(":") ? "[\(address.host)]" : address.host
    let spellings = address.port == (address.isSecure ? 443 : 80) ? ["\(host):\(address.port)", host] : ["\(host):\(address.port)"]
    return spellings.map { folded(Array($0.utf8).span) }
  }

  /// An authority in lower case, and an IPv6 address in it as its sixteen bytes, which has many spellings.
  fileprivate static func folded(_ authority: Span<UInt8>) -> [UInt8] {
    let bytes = bytes(authority).map(ASCII.lower)
    guard bytes.first == ASCII.leftBracket, let bracket = bytes.firstIndex(of: ASCII.rightBracket),
      let address = IPAddress(String(decoding: bytes[1..<bracket], as: UTF8.self))
    else { return bytes }
    return [ASCII.leftBracket] + address.bytes + bytes[bracket...]
  }

  /// The prefix's length where `path` has it as whole segments; `nil` where it has not.
  private static func count(of prefix: [UInt8], before path: Span<UInt8>) -> Int? {
    guard path.count >= prefix.count else { return nil }
    for index in prefix.indices where prefix[index] != path[index] { return nil }
    guard !prefix.isEmpty, path.count > prefix.count else { return prefix.count }
    return [ASCII.slash, ASCII.question, ASCII.hash].contains(path[prefix.count]) ? prefix.count : nil
  }

  private static func address(inRefresh value: Span<UInt8>) -> Range<Int>? {
    var position = 0
    while position < value.count, ASCII.isDigit(value[position]) || value[position] == ASCII.dot { position += 1 }
    guard position > 0, position < value.count else { return nil }
    let number = position
    position = afterBlanks(value, position)
    if position < value.count, value[position] == ASCII.semicolon || value[position] == ASCII.comma {
      position = afterBlanks(value, position + 1)
    }
    guard position > number else { return nil }
    if hasPrefix(value.extracting(position..<value.count), "url") {
      let equals = afterBlanks(value, position + 3)
      if equals < value.count, value[equals] == ASCII.equals { position = afterBlanks(value, equals + 1) }
    }
    guard position < value.count else { return nil }
    let quote = value[position]
    guard quote == ASCII.quote || quote == ASCII.apostrophe else { return position..<value.count }
    var end = position + 1
    while end < value.count, value[end] != quote { end += 1 }
    return position + 1..<end
  }

  private static func afterBlanks(_ bytes: Span<UInt8>, _ start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position] == ASCII.space || bytes[position] == ASCII.tab { position += 1 }
    return position
  }

  private static func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
}
