/// `login app`: the app keeps its own login.
package struct AppLoginSettings: Sendable, Equatable {
  /// Where the user's name is in the probe's answer.
  package enum UserSource: Sendable, Equatable {
    /// Member names from the document's top, at least one.
    case json([String])
    /// A field of the answer.
    case header(String)
    /// It is not told.
    case none
  }

  /// `probe PATH { user SOURCE }`
  package struct Probe: Sendable, Equatable {
    /// Path and perhaps query, asked with GET.
    package var target: String
    package var user: UserSource

    package init(target: String, user: UserSource) {
      self.target = target
      self.user = user
    }
  }

  /// The app's login pages and the addresses that their forms post to; at least one. They pass without a session.
  package var pages: [PathPattern]
  /// Where somebody who is to sign in is sent: a path, from the first of `pages`.
  package var page: String
  /// Without this cookie a request is not signed in.
  package var cookie: String
  package var probe: Probe
  /// How long a probe's answer is believed: 1 s to 1 h.
  package var recheck: Duration
  /// Where the app sends people after a login; empty for anywhere but `pages`.
  package var afterLogin: [PathPattern]
  /// The app's own logout addresses.
  package var logout: [PathPattern]
  /// Probes from one address that may find nobody signed in, before no more are made for it.
  package var strangers = ThrottleSettings.Rate(count: 100, window: .seconds(60))
  /// Sessions of the app that are remembered: 16 to 1,000,000.
  package var sessions = 20_000

  package init(
    pages: [PathPattern], page: String, cookie: String, probe: Probe, recheck: Duration = .seconds(60), afterLogin: [PathPattern] = [],
    logout: [PathPattern] = []
  ) {
    self.pages = pages
    self.page = page
    self.cookie = cookie
    self.probe = probe
    self.recheck = recheck
    self.afterLogin = afterLogin
    self.logout = logout
  }
}

/// `login forward`: somebody else's gateway is asked who is signed in.
package struct ForwardLoginSettings: Sendable, Equatable {
  /// What stands in `check` and `signIn` for an address of this site, percent-encoded.
  package static let placeholder = "{url}"

  /// The absolute address that is asked, perhaps with one `{url}` for the one that is asked about.
  package var check: String
  /// Where browsers are sent to sign in, with one `{url}` for the address to come back to; `nil` where the checker's own `Location` says.
  package var signIn: String?
  /// Where `/.anteroom/logout` leads; `nil` where there is no such address.
  package var signOut: String?
  /// Fields of the checker's answer that go to the app under the same names.
  package var copy: [String]
  /// The field that names the user, without which nobody is let in; `nil` where nobody is named.
  package var user: String?
  /// The fields that tell the rest, where there are any.
  package var name: String?
  package var email: String?
  /// Separated by commas or `|`.
  package var groups: String?
  /// How long an answer is believed for the same request: 1 s to 1 h; `nil` for not at all.
  package var cache: Duration?
  /// It is believed for other paths and methods too.
  package var cacheIgnoresPath = false
  /// Absolute path of the authorities that the checker's certificate is verified by, in place of the system's.
  package var authorities: String?

  package init(
    check: String, signIn: String? = nil, signOut: String? = nil, copy: [String] = [], user: String? = nil, cache: Duration? = nil,
    authorities: String? = nil
  ) {
    self.check = check
    self.signIn = signIn
    self.signOut = signOut
    self.copy = copy
    self.user = user
    self.cache = cache
    self.authorities = authorities
  }
}
