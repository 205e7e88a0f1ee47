import Session

/// What a connection knows about the listener it came by.
final class ListenerInfo: Sendable {
  /// How many connections may wait in the kernel's queue, for each loop.
  static let backlog: Int32 = 4096

  /// Its place in the configuration.
  let index: Int
  /// `address:port`, for logs.
  let name: String
  /// Whether browsers use https here.
  let isSecure: Bool
  let cookieNames: CookieNames
  /// Requests are answered with a redirect to https at this port.
  let redirectPort: UInt16?
  let bindingCookie: BindingCookieLine

  init(index: Int, name: String, isSecure: Bool, redirectPort: UInt16? = nil) {
    self.redirectPort = redirectPort
    self.index = index
    self.name = name
    self.isSecure = isSecure
    cookieNames = CookieNames.names(isSecure: isSecure)
    bindingCookie = BindingCookieLine(cookieNames)
  }
}
