/// The headers that directives of one site name, so that no two of them mean the same one.
struct HeaderNames {
  private var uses: [String: (purpose: String, position: Position)] = [:]

  /// Checks the name, and that no other directive of the site uses it for something else.
  /// - Parameter purpose: what it is used for, as messages show it; the same purpose may name it again where `isRepeatable`.
  mutating func claim(_ value: Value, for purpose: String, isRepeatable: Bool = false, context: inout LoadContext) -> String? {
    guard HeaderName.isToken(value.text) else {
      context.error(value.position, "`\(value.shown)` is not a header name (letters, digits and dashes, such as X-Auth-User)")
      return nil
    }
    let folded = HeaderName.folded(value.text)
    if HeaderName.isOwned(folded) {
      context.error(value.position, "`\(value.shown)` belongs to HTTP or to the gateway itself (choose another name)")
      return nil
    }
    if let use = uses[folded], use.purpose != purpose || !isRepeatable {
      let place = use.position.shown(from: value.position)
      let reason = use.purpose == purpose ? "named twice" : "also used by `\(use.purpose)`"
      context.error(
        value.position,
        "`\(value.shown)` is \(reason) at \(place) (names that differ only in case or in `-` and `_` are one; choose another)")
      return nil
    }
    uses[folded] = (purpose, value.position)
    return value.text
  }

  /// Notes a name that holds by default. A directive of the same name elsewhere in the site is a fault of that directive.
  mutating func claimDefault(_ name: String, for purpose: String, at position: Position, context: inout LoadContext) {
    let folded = HeaderName.folded(name)
    if let use = uses[folded], use.purpose != purpose {
      context.error(
        use.position, "`\(name)` is used by `\(use.purpose)` and, by default, by `\(purpose)` (choose another name for one of them)")
    } else {
      uses[folded] = (purpose, position)
    }
  }
}

enum HeaderName {
  /// RFC 9110 section 5.6.2, at most 128 bytes.
  static func isToken(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  /// As apps may read it: without case, and everything but letters and digits as `-`.
  static func folded(_ name: String) -> String {
    String(
      decoding: name.utf8.map { byte -> UInt8 in
        switch byte {
        case 0x30...0x39, 0x61...0x7A: byte
        case 0x41...0x5A: byte | 0x20
        default: UInt8(ascii: "-")
        }
      }, as: UTF8.self)
  }

  /// Names that no directive may take, folded.
  static func isOwned(_ folded: String) -> Bool {
    // The names that apps behind other gateways know a user by are free: the client's own are dropped either way.
    if ["x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username"].contains(folded) { return false }
    return owned.contains(folded) || folded.hasPrefix("x-forwarded-") || folded.hasPrefix("x-anteroom-")
      || folded.hasPrefix("x-client-certificate-") || folded.hasPrefix("sec-")
      || folded.hasPrefix("proxy-")
  }

  private static let owned: Set<String> = [
    "connection", "content-length", "cookie", "expect", "forwarded", "host", "http2-settings", "keep-alive", "set-cookie", "te", "trailer",
    "transfer-encoding", "upgrade", "via", "x-request-id", "x-forwarded", "x-anteroom", "x-client-certificate",
  ]
}
