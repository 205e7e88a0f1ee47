import Session

/// What a connection must know of the listener it came by. A reload makes another; a connection keeps the one that it came by.
final class ListenerInfo: Sendable {
  /// How many connections may wait in the kernel's queue, for each loop.
  static let backlog: Int32 = 4096

  let entrance: Entrance
  /// `address:port`, for logs.
  let name: String
  /// Whether browsers use https here.
  let isSecure: Bool
  let cookieNames: CookieNames
  /// Requests are answered with a redirect to https at this port.
  let redirectPort: UInt16?
  let bindingCookie: BindingCookieLine

  /// What TLS here shows; `nil` for plain HTTP.
  let certificates: WatchedCertificates?

  init(entrance: Entrance, certificates: WatchedCertificates? = nil, redirectPort: UInt16? = nil) {
    self.entrance = entrance
    name = "\(entrance.address)"
    self.certificates = certificates
    self.redirectPort = redirectPort
    isSecure = certificates != nil
    cookieNames = CookieNames.names(isSecure: isSecure)
    bindingCookie = BindingCookieLine(cookieNames)
  }
}
