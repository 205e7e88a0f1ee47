import Config

/// The cookies that an app sets, as browsers are to get them (RFC 6265, section 5.2): bound to no inner host or path, and with the attributes that
/// the site adds where the app says nothing of them. Nothing that the app says is taken back, but for what holds only inside.
package struct AppCookies: Sendable {
  private let settings: AppCookieSettings
  /// `nil` under `rewrite off`.
  private let addresses: InnerAddresses?

  /// - Parameter addresses: of the same site; `nil` where they are left as they are.
  package init(_ settings: AppCookieSettings, addresses: InnerAddresses?) {
    self.settings = settings
    self.addresses = addresses
  }

  private struct Attribute {
    /// From behind the semicolon to the next one.
    let whole: Range<Int>
    let value: Range<Int>
  }

  private struct Attributes {
    /// Of those given more than once browsers go by the last one.
    var domain: Attribute?
    var path: Attribute?
    var isSecure = false
    var hasSameSite = false
    var domains: [Range<Int>] = []
  }

  /// A `Set-Cookie` field's value with what is to be changed; `nil` where nothing is.
  package func rewritten(_ field: Span<UInt8>, to origin: PublicOrigin) -> [UInt8]? {
    let attributes = Self.attributes(field)
    // From the last one on, so that the others keep their places.
    var changes: [(range: Range<Int>, bytes: [UInt8])] = []
    if let addresses {
      if let path = attributes.path, let bytes = addresses.rewritten(cookiePath: field.extracting(path.value)) {
        changes.append((path.value, bytes))
      }
      // All of them: an earlier one would be the last one then.
      if let domain = attributes.domain, addresses.isInner(domain: field.extracting(domain.value), to: origin) {
        // With the semicolon before it.
        changes += attributes.domains.map { ($0.lowerBound - 1..<$0.upperBound, []) }
      }
    }
    var added: [UInt8] = []
    if settings.addsSecure, origin.isSecure, !attributes.isSecure { added += Array("; Secure".utf8) }
    if settings.addsSameSite, !attributes.hasSameSite { added += Array("; SameSite=Lax".utf8) }
    guard !changes.isEmpty || !added.isEmpty else { return nil }
    var bytes = field.indices.map { field[$0] }
    for change in changes.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      bytes.replaceSubrange(change.range, with: change.bytes)
    }
    return bytes + added
  }

  private static func attributes(_ field: Span<UInt8>) -> Attributes {
    var found = Attributes()
    var start = end(of: field, from: 0) + 1
    while start <= field.count {
      let end = end(of: field, from: start)
      var equals = start
      while equals < end, field[equals] != ASCII.equals { equals += 1 }
      let name = trimmed(field, start..<equals)
      let attribute = Attribute(whole: start..<end, value: trimmed(field, min(equals + 1, end)..<end))
      switch String(decoding: name.map { ASCII.lower(field[$0]) }, as: UTF8.self) {
      case "domain":
        found.domain = attribute
        found.domains.append(attribute.whole)
      case "path": found.path = attribute
      case "secure": found.isSecure = true
      case "samesite": found.hasSameSite = true
      default: break
      }
      start = end + 1
    }
    return found
  }

  /// Where the part that begins at `start` ends: at a semicolon, or with the field.
  private static func end(of field: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < field.count, field[end] != ASCII.semicolon { end += 1 }
    return end
  }

  private static func trimmed(_ field: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, isBlank(field[start]) { start += 1 }
    while end > start, isBlank(field[end - 1]) { end -= 1 }
    return start..<end
  }
}
