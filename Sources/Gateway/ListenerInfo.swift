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
  let bindingCookie: BindingCookieLine

  init(entrance: Entrance, isSecure: Bool) {
    self.entrance = entrance
    name = "\(entrance.address)"
    self.isSecure = isSecure
    cookieNames = CookieNames.names(isSecure: isSecure)
    bindingCookie = BindingCookieLine(cookieNames)
  }
}
