import Config

/// What a connection must know of the listener it came by. A reload makes another; a connection keeps the one that it came by.
final class ListenerInfo: Sendable {
  /// How many connections may wait in the kernel's queue, for each loop.
  static let backlog: Int32 = 4096

  let entrance: Entrance
  /// `address:port`, for logs.
  let name: String
  /// Whether browsers use https here, whatever anybody says. Which cookies are ours follows from the request: see `HostContext`.
  let isSecure: Bool
  /// A trusted proxy may say that browsers use https.
  let mayBecomeSecure: Bool
  /// Who may connect, and sends a PROXY header first; `nil` for anybody, without one.
  let proxies: [IPNetwork]?
  /// Requests are answered with a redirect to https at this port.
  let redirectPort: UInt16?

  /// Not the same as `isSecure`: TLS may end in front.
  var speaksTLS: Bool { certificates != nil }
  /// What TLS here shows; `nil` for plain HTTP.
  let certificates: WatchedCertificates?
  /// Browsers are asked for a certificate.
  let asksForCertificates: Bool

  /// - Parameter listener: as configured; `nil` for plain HTTP and nothing else.
  init(entrance: Entrance, certificates: WatchedCertificates? = nil, _ listener: Listener? = nil) {
    self.entrance = entrance
    name = "\(entrance.address)"
    self.certificates = certificates
    asksForCertificates = listener?.tls?.clientAuthority != nil
    redirectPort = listener?.redirectPort
    proxies = listener?.proxies
    isSecure = certificates != nil || listener?.scheme == .https
    mayBecomeSecure = certificates == nil && listener?.scheme == nil
  }
}
