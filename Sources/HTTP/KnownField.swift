/// The field names that some part of the gateway acts on, recognised once, while the head is parsed. `other` is every other name.
package enum KnownField: UInt8, Sendable, CaseIterable {
  case other
  case accept, acceptEncoding, acceptLanguage, age, authorization, cacheControl, clearSiteData, connection
  case contentDisposition, contentEncoding, contentLength, contentLocation, contentSecurityPolicy, contentType, cookie, date, etag, expect
  case expires, forwarded, host, http2Settings, ifModifiedSince, ifNoneMatch, keepAlive, lastModified, location, origin, pragma
  case proxyAuthenticate, proxyAuthenticationInfo, proxyAuthorization, proxyConnection, range, referer, refresh, retryAfter
  case secFetchDest, secFetchMode, secFetchSite, secFetchUser, secWebSocketAccept, secWebSocketKey, secWebSocketVersion
  case server, setCookie, strictTransportSecurity, te, trailer, transferEncoding, upgrade, upgradeInsecureRequests, userAgent, vary, via
  case xForwardedFor, xForwardedHost, xForwardedProto, xRequestedWith, xRequestID

  /// The name in lower case; empty for `other`.
  package var lowercaseName: String {
    switch self {
    case .other: ""
    case .accept: "accept"
    case .acceptEncoding: "accept-encoding"
    case .acceptLanguage: "accept-language"
    case .age: "age"
    case .authorization: "authorization"
    case .cacheControl: "cache-control"
    case .clearSiteData: "clear-site-data"
    case .connection: "connection"
    case .contentDisposition: "content-disposition"
    case .contentEncoding: "content-encoding"
    case .contentLength: "content-length"
    case .contentLocation: "content-location"
    case .contentSecurityPolicy: "content-security-policy"
    case .contentType: "content-type"
    case .cookie: "cookie"
    case .date: "date"
    case .etag: "etag"
    case .expect: "expect"
    case .expires: "expires"
    case .forwarded: "forwarded"
    case .host: "host"
    case .http2Settings: "http2-settings"
    case .ifModifiedSince: "if-modified-since"
    case .ifNoneMatch: "if-none-match"
    case .keepAlive: "keep-alive"
    case .lastModified: "last-modified"
    case .location: "location"
    case .origin: "origin"
    case .pragma: "pragma"
    case .proxyAuthenticate: "proxy-authenticate"
    case .proxyAuthenticationInfo: "proxy-authentication-info"
    case .proxyAuthorization: "proxy-authorization"
    case .proxyConnection: "proxy-connection"
    case .range: "range"
    case .referer: "referer"
    case .refresh: "refresh"
    case .retryAfter: "retry-after"
    case .secFetchDest: "sec-fetch-dest"
    case .secFetchMode: "sec-fetch-mode"
    case .secFetchSite: "sec-fetch-site"
    case .secFetchUser: "sec-fetch-user"
    case .secWebSocketAccept: "sec-websocket-accept"
    case .secWebSocketKey: "sec-websocket-key"
    case .secWebSocketVersion: "sec-websocket-version"
    case .server: "server"
    case .setCookie: "set-cookie"
    case .strictTransportSecurity: "strict-transport-security"
    case .te: "te"
    case .trailer: "trailer"
    case .transferEncoding: "transfer-encoding"
    case .upgrade: "upgrade"
    case .upgradeInsecureRequests: "upgrade-insecure-requests"
    case .userAgent: "user-agent"
    case .vary: "vary"
    case .via: "via"
    case .xForwardedFor: "x-forwarded-for"
    case .xForwardedHost: "x-forwarded-host"
    case .xForwardedProto: "x-forwarded-proto"
    case .xRequestedWith: "x-requested-with"
    case .xRequestID: "x-request-id"
    }
  }

  /// Whether it is worth while to look at the value in larger steps.
  @inline(__always) var isOftenLong: Bool {
    switch self {
    case .accept, .authorization, .contentSecurityPolicy, .cookie, .referer, .setCookie, .userAgent: true
    default: false
    }
  }

  /// Whether the field is about this connection alone, and so is not forwarded (RFC 9110, section 7.6.1; HTTP2-Settings: RFC 7540).
  package var isHopByHop: Bool {
    switch self {
    case .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthenticationInfo, .proxyAuthorization,
      .te, .trailer, .transferEncoding, .upgrade, .http2Settings:
      true
    default: false
    }
  }
}

/// Which known fields a head has, and which of them more than once, each as bits of one word.
package struct KnownFieldSet: Sendable, Equatable {
  private var bits: UInt64 = 0
  private var repeated: UInt64 = 0

  init() {}

  /// These, once each.
  package init(_ fields: [KnownField]) {
    for known in fields where !contains(known) { insert(known) }
  }

  @inline(__always) mutating func insert(_ known: KnownField) {
    let bit = 1 &<< UInt64(known.rawValue)
    repeated |= bits & bit
    bits |= bit
  }

  /// Whether it is one of them.
  @inline(__always) package func contains(_ known: KnownField) -> Bool { bits &>> UInt64(known.rawValue) & 1 == 1 }

  /// Whether any of `others` is one of them.
  @inline(__always) package func containsAny(of others: KnownFieldSet) -> Bool { bits & others.bits != 0 }

  /// Whether it was inserted more than once.
  @inline(__always) func isRepeated(_ known: KnownField) -> Bool { repeated &>> UInt64(known.rawValue) & 1 == 1 }

  @inline(__always) mutating func removeAll() {
    bits = 0
    repeated = 0
  }
}

/// Open addressing over the packed names: one multiplication and, nearly always, one comparison for each field.
struct KnownFieldTable: Sendable {
  static let shared = KnownFieldTable()

  private struct Entry: Sendable {
    var name: PackedName
    /// The bits of `name` that tell; the others are the case of its letters, and what comes after it.
    var telling: PackedName
    var known: KnownField
  }

  // The first one stands for no entry.
  private let entries: [Entry]
  private let slots: [UInt8]

  private init() {
    let entries = KnownField.allCases.map { known in
      let name = PackedName(known.lowercaseName)
      return Entry(name: name, telling: name.telling, known: known)
    }
    var slots = [UInt8](repeating: 0, count: 256)
    for (index, entry) in entries.enumerated() where entry.known != .other {
      var slot = entry.name.hash
      while slots[slot] != 0 { slot = (slot + 1) & 255 }
      slots[slot] = UInt8(index)
    }
    self.entries = entries
    self.slots = slots
  }

  /// The field that `name` is, in any case.
  @inline(__always) func find(_ name: PackedName) -> KnownField {
    var slot = name.hash
    while true {
      let candidate = slots[slot & 255]
      if candidate == 0 { return .other }
      let entry = entries[Int(candidate)]
      if entry.name.equals(name, telling: entry.telling) { return entry.known }
      slot &+= 1
    }
  }

  /// The length of the name that `bytes` begin with, where it is `guess` and before a `delimiter`; `nil` where it is not, or cannot be told quickly.
  @inline(__always) func count(of guess: KnownField, before delimiter: UInt8, in bytes: Span<UInt8>) -> Int? {
    let entry = entries[Int(guess.rawValue)]
    let count = entry.name.count
    guard bytes.count >= 16, count > 0, count < 16, bytes[count] == delimiter else { return nil }
    let difference =
      (Word.leading(bytes) ^ entry.name.word0) & entry.telling.word0 | (Word.second(bytes) ^ entry.name.word1) & entry.telling.word1
    return difference == 0 ? count : nil
  }

  /// The field that stands before the first `delimiter` in `bytes`, and the length of its name. `nil` where there is no delimiter, or none within
  /// the whole words of the longest name.
  @inline(__always) func find(before delimiter: UInt8, in bytes: Span<UInt8>) -> (known: KnownField, count: Int)? {
    guard bytes.count >= 8 else { return nil }
    let first = Word.leading(bytes)
    let marks = Word.bytes(equalTo: delimiter, in: first)
    if marks != 0 {
      let count = Word.firstIndex(marks)
      return (find(PackedName(first & Word.bytesBefore(marks), 0, count: count)), count)
    }
    let rest = bytes.extracting(droppingFirst: 8)
    guard rest.count >= 8 else { return nil }
    let second = Word.leading(rest)
    let secondMarks = Word.bytes(equalTo: delimiter, in: second)
    if secondMarks != 0 {
      let count = 8 &+ Word.firstIndex(secondMarks)
      return (find(PackedName(first, second & Word.bytesBefore(secondMarks), count: count)), count)
    }
    return findLong(before: delimiter, in: bytes)
  }

  @inline(never) private func findLong(before delimiter: UInt8, in bytes: Span<UInt8>) -> (known: KnownField, count: Int)? {
    guard let count = Word.firstOffset(of: delimiter, in: bytes, 0..<min(bytes.count, PackedName.maxCount)) else { return nil }
    return (find(PackedName(bytes, 0, count: count)), count)
  }

  /// The field that the bytes of `range` name.
  @inline(__always) func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> KnownField {
    guard range.count <= PackedName.maxCount else { return .other }
    return find(PackedName(bytes, range.lowerBound, count: range.count))
  }
}
