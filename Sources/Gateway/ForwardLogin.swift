import Config

/// `login forward`, compiled.
final class ForwardLogin: Sendable {
  let settings: ForwardLoginSettings

  init(_ settings: ForwardLoginSettings) { self.settings = settings }
}

extension Exchange {
  func identify(by login: ForwardLogin) -> Bool {
    fail(.internalError)
    return false
  }
}
