import Config

/// `login app`, compiled.
final class AppLogin: Sendable {
  let settings: AppLoginSettings

  init(_ settings: AppLoginSettings) { self.settings = settings }
}

extension Exchange {
  func identify(by login: AppLogin) -> Bool {
    fail(.internalError)
    return false
  }
}
