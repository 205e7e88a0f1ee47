import Config

/// The request fields that are the gateway's alone: what a client sends under such a name never reaches an app.
///
/// Names are compared without case and with every character other than letters and digits taken as `-`, as CGI, WSGI and the like do.
package final class OwnedFields: Sendable {
  private let always: ByteTable
  private let fromUntrusted: ByteTable

  /// What `site` sets or drops, what the patient and identity directives of any site name, and what other sites set (access tokens
  /// and what a checker says included), unless it is a field that browsers and programs send for their own purposes.
  package init(site: Site, allSites: [Site]) {
    var names = Self.defaults + Self.rebuilt
    for other in allSites + [site] {
      names += other.patients.map(\.header)
      let identity = other.identity
      names += [identity.user, identity.name, identity.email, identity.groups].compactMap { $0 }
    }
    names += Self.set(by: site) + site.request.drop
    let ordinary = ByteTable(Self.clientFields.map { (Array($0.utf8), 0) }, fold: Self.fold)
    for name in allSites.flatMap(Self.set) {
      let bytes = Array(name.utf8)
      if ordinary.value(of: bytes.span, in: 0..<bytes.count) == nil { names.append(name) }
    }
    always = ByteTable(names.map { (Array($0.utf8), 0) }, fold: Self.fold)
    fromUntrusted = ByteTable(Self.proxyFields.map { (Array($0.utf8), 0) }, fold: Self.fold)
  }

  private static func set(by site: Site) -> [String] {
    site.request.set.map(\.name)
      + site.logins.flatMap { login -> [String] in
        switch login.kind {
        case .openID(let settings): [settings.accessTokenHeader].compactMap { $0 }
        case .forward(let settings): settings.copy
        case .password, .app: []
        }
      }
  }

  /// Whether a client's field of this name must be dropped. `isTrustedPeer` is true for a peer whose `X-Forwarded-*` is believed: from it,
  /// the fields that proxies set are let through.
  package func contains(_ name: Span<UInt8>, isTrustedPeer: Bool = false) -> Bool {
    if always.value(of: name, in: 0..<name.count) != nil || Self.hasPrefix(name, Self.anteroomPrefix)
      || Self.hasPrefix(name, Self.certificatePrefix)
    {
      return true
    }
    if isTrustedPeer { return false }
    return fromUntrusted.value(of: name, in: 0..<name.count) != nil || Self.hasPrefix(name, Self.forwardedPrefix)
  }

  private static func hasPrefix(_ name: Span<UInt8>, _ prefix: [UInt8]) -> Bool {
    guard name.count >= prefix.count else { return false }
    for index in prefix.indices where fold[Int(name[index])] != prefix[index] { return false }
    return true
  }

  private static let fold = (0...UInt8.max).map { byte in
    ASCII.isLetter(byte) || ASCII.isDigit(byte) ? ASCII.lower(byte) : ASCII.dash
  }

  private static let anteroomPrefix = Array("x-anteroom-".utf8)
  private static let certificatePrefix = Array("x-client-certificate-".utf8)
  private static let forwardedPrefix = Array("x-forwarded-".utf8)

  /// Apps may look for these even where the site's configuration does not name them.
  private static let defaults = [
    "X-Anteroom", "X-Client-Certificate", "X-Cliniko-Patient-Id", "X-Auth-User", "X-Auth-Name", "X-Auth-Email", "X-Auth-Groups",
  ]

  /// Fields that the gateway writes anew, whoever sent them: another spelling of one would be a second opinion on who the client is.
  private static let rebuilt = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-Id"]

  /// Fields by which proxies speak to apps, and which change who the user is, which address is meant, or what is done.
  private static let proxyFields = [
    "Remote-User", "X-Remote-User", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP", "X-HTTP-Method-Override", "X-HTTP-Method",
    "X-Method-Override", "Proxy", "X-Forwarded",
  ]

  /// Fields of the client's own, which stay so on a site that does not set them, even if another site does.
  private static let clientFields = [
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers",
    "Access-Control-Request-Method", "Authorization", "Cache-Control", "Connection", "Content-Disposition", "Content-Encoding",
    "Content-Language", "Content-Length", "Content-Type", "Cookie", "Date", "DNT", "Expect", "From", "Host", "If-Match",
    "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Last-Event-ID", "Max-Forwards", "Origin", "Pragma",
    "Prefer", "Priority", "Range", "Referer", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-GPC",
    "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version", "TE", "Traceparent",
    "Tracestate", "Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Requested-With",
  ]
}
