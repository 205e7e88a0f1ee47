/// One `login` of a site.
package struct LoginSettings: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case password(PasswordLoginSettings)
    case openID(OpenIDLoginSettings)
    /// The only login of its site.
    case app(AppLoginSettings)
    /// The only login of its site.
    case forward(ForwardLoginSettings)

    /// Somebody else keeps the logins, and their sessions.
    package var isOutside: Bool {
      switch self {
      case .app, .forward: true
      case .password, .openID: false
      }
    }
  }
  /// What the choice between several logins calls it, where the configuration says so: 1 to 60 characters.
  package var title: String?
  package var kind: Kind

  package init(_ kind: Kind, title: String? = nil) {
    self.kind = kind
    self.title = title
  }

  /// What the choice between several logins calls it: no two of a site are the same.
  package var label: String {
    if let title { return title }
    switch kind {
    case .password: return "User name and password"
    case .openID(let settings): return "Sign in at " + (IssuerAddress(settings.issuer)?.host ?? settings.issuer)
    case .app, .forward: return "Sign in"
    }
  }
}

extension Site {
  /// The app's own login, where the app keeps it.
  package var appLogin: AppLoginSettings? {
    for case .app(let settings) in logins.lazy.map(\.kind) { return settings }
    return nil
  }
}

/// `login password`.
package struct PasswordLoginSettings: Sendable, Equatable {
  /// Absolute path of the accounts file.
  package var users: String
  package var throttle: ThrottleSettings

  package init(users: String, throttle: ThrottleSettings = ThrottleSettings()) {
    self.users = users
    self.throttle = throttle
  }
}

/// Failed logins that are borne before further ones are refused.
package struct ThrottleSettings: Sendable, Equatable {
  package struct Rate: Sendable, Equatable {
    /// 1 to 100,000.
    package var count: Int
    /// 1 s to 30 d.
    package var window: Duration

    package init(count: Int, window: Duration) {
      self.count = count
      self.window = window
    }
  }
  /// For one account.
  package var account = Rate(count: 5, window: .seconds(600))
  /// From one address.
  package var address = Rate(count: 50, window: .seconds(600))
  /// How long a lock lasts: 1 s to 30 d.
  package var lock = Duration.seconds(900)

  package init() {}
}

/// `session`: how long a login lasts.
package struct SessionSettings: Sendable, Equatable {
  /// Without activity: 1 s to 1 y, at most `lifetime`.
  package var idle: Duration
  /// In all: 1 s to 1 y.
  package var lifetime: Duration

  /// The notice of the session's end is put into the app's pages.
  package var injectsNotice: Bool

  package init(idle: Duration = .seconds(2 * 3600), lifetime: Duration = .seconds(12 * 3600), injectsNotice: Bool = false) {
    self.idle = idle
    self.lifetime = lifetime
    self.injectsNotice = injectsNotice
  }
}
