import Session

/// What a connection knows about the listener it came by.
struct ListenerInfo: Sendable {
  /// Whether browsers use https here.
  let isSecure: Bool
  let cookieNames: CookieNames

  init(isSecure: Bool) {
    self.isSecure = isSecure
    cookieNames = CookieNames.names(isSecure: isSecure)
  }
}
