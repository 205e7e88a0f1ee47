import HTTP
import Login
import Policy
import Session

/// What follows from the value of a Host field on listeners of one scheme, found out once: whose it is, where its sessions belong, and what its app
/// is told of it with each request.
final class HostContext {
  let host: [UInt8]
  let isSecure: Bool
  let cookieNames: CookieNames
  let bindingCookie: BindingCookieLine
  /// Index of the site, and the site.
  let site: Int
  let settings: SiteSettings
  /// Where session cookies of this host belong.
  let sealContext: SealContext
  /// Whom tickets, tokens and device cookies are for here; `nil` where the field is no origin's host.
  let audience: Audience?
  /// The end of a request line for the app, and its Host line.
  let requestLineEnd: [UInt8]
  /// What stands in the forwarding lines between the client's first address and its second one, and after that up to the client's version.
  let forwardingMiddle: [UInt8]
  let forwardingEnd: [UInt8]
  /// What stands behind the client's address in `Forwarded`.
  let forwardingHost: [UInt8]
  /// The line that says which label a wildcard stood for; empty where none did.
  let labelLine: [UInt8]
  /// What takes the place of the app's inner addresses.
  private(set) lazy var publicOrigin = PublicOrigin(host: host, isSecure: isSecure)

  /// - Parameter label: in the bytes of `host`.
  init(host: Span<UInt8>, isSecure: Bool, site: Int, settings: SiteSettings, label: Range<Int>?) {
    var bytes: [UInt8] = []
    bytes.append(copying: host)
    self.host = bytes
    self.isSecure = isSecure
    cookieNames = CookieNames.names(isSecure: isSecure)
    bindingCookie = BindingCookieLine.line(isSecure: isSecure)
    self.site = site
    self.settings = settings
    sealContext = SealContext(site: settings.site.name, host: host, isSecure: isSecure)
    let scheme = isSecure ? "https" : "http"
    audience = WebOrigin(scheme: scheme, authority: bytes).map { Audience(site: settings.site.name, origin: $0) }
    let name = String(decoding: bytes, as: UTF8.self)
    requestLineEnd = [UInt8](" HTTP/1.1\r\nHost: \(name)\r\n".utf8)
    forwardingMiddle = [UInt8]("\r\nX-Forwarded-Proto: \(scheme)\r\nX-Forwarded-Host: \(name)\r\nForwarded: for=".utf8)
    // A host may have a port, and a value with a colon or brackets is a quoted string.
    forwardingHost = [UInt8](";host=\"\(name)\";proto=\(scheme)".utf8)
    forwardingEnd = forwardingHost + "\r\nVia: ".utf8
    // As sessions see it: one site, however the client writes it.
    let folded = label.map { bytes[$0].map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 } }
    labelLine = folded.map { [UInt8]("X-Anteroom-Site: ".utf8) + $0 + [0x0D, 0x0A] } ?? []
  }
}

/// The hosts that one worker was asked for last. Bounded: each slot holds the latest of the hosts that fall into it.
final class HostContexts {
  private let settings: Settings
  private var slots: [HostContext?]

  init(_ settings: Settings) {
    self.settings = settings
    var count = 256
    while count < min(4 * settings.hostCount, 16384) { count *= 2 }
    slots = [HostContext?](repeating: nil, count: count)
  }

  /// What follows from a Host field; `nil` for a host that is no site's.
  func context(of host: Span<UInt8>, isSecure: Bool) -> HostContext? {
    let slot = Int(truncatingIfNeeded: hash(host)) & (slots.count - 1)
    if let known = slots[slot], known.isSecure == isSecure, isEqual(known.host, host) { return known }
    guard let match = settings.hosts.match(host) else { return nil }
    let context = HostContext(
      host: host, isSecure: isSecure, site: match.site, settings: settings.sites[match.site], label: match.label)
    keep(context, slot)
    return context
  }

  private func keep(_ context: HostContext, _ slot: Int) {
    var slots: [HostContext?] = []
    swap(&slots, &self.slots)
    slots[slot] = context
    swap(&slots, &self.slots)
  }
}
