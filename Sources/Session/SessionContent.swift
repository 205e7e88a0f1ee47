/// What a session cookie says about who is signed in.
///
/// The site and the host it belongs to are not here: they are the `SealContext`, so that a cookie of another place does not open at all.
package struct SessionContent: Sendable, Equatable {
  /// The value of `login` for an account of an accounts file.
  package static let passwordLogin = "password"
  /// Of somebody whom the app, or a checker, says to be signed in: no such session is in a cookie of ours.
  package static let outsideLogin = "outside"

  /// New at each login.
  package var id: SessionID
  /// Which of its site's logins it comes from: names of two logins are two people.
  package var login: String
  /// As the accounts file, or the identity provider, writes it.
  package var user: String
  /// Empty where the account has none.
  package var name: String
  /// Empty where the account has none.
  package var email: String
  /// In the order of the accounts file.
  package var groups: [String]
  /// 16 bytes: the fingerprint of what in the account, or in the login's configuration, the session depends on. When that differs by now, the
  /// session has ended.
  package var stamp: [UInt8]
  /// When the password was given, in seconds since 1970 UTC.
  package var authenticatedAt: Int64
  /// The last request that counted as activity, in seconds since 1970 UTC, as exact as renewal is frequent (`SessionRules.granularity`).
  package var lastActivity: Int64
  /// From this second on the session is over whatever a later configuration says, so that a revocation need not be kept any longer.
  package var notAfter: Int64

  /// Bytes of a stamp.
  package static let stampCount = 16

  /// A content as given; `SessionSealer.seal` refuses one that is not complete.
  package init(
    id: SessionID, login: String = SessionContent.passwordLogin, user: String, name: String = "", email: String = "",
    groups: [String] = [], stamp: [UInt8], authenticatedAt: Int64, lastActivity: Int64, notAfter: Int64
  ) {
    self.id = id
    self.login = login
    self.user = user
    self.name = name
    self.email = email
    self.groups = groups
    self.stamp = stamp
    self.authenticatedAt = authenticatedAt
    self.lastActivity = lastActivity
    self.notAfter = notAfter
  }

  /// What goes into the cookie: what a provider tells is kept with its session, and may be more than fits.
  package var carried: SessionContent {
    guard login != Self.passwordLogin else { return self }
    var content = self
    (content.name, content.email, content.groups) = ("", "", [])
    return content
  }

  /// What the limits are about.
  package var times: SessionTimes {
    SessionTimes(authenticatedAt: authenticatedAt, lastActivity: lastActivity, notAfter: notAfter)
  }

  /// The bytes that are sealed: no two different contents share them.
  func encoded() -> [UInt8] {
    var writer = SealedWriter(capacity: 192)
    writer.write(id.high)
    writer.write(id.low)
    writer.write(authenticatedAt)
    writer.write(lastActivity)
    writer.write(notAfter)
    writer.write(stamp)
    writer.write(login)
    writer.write(user)
    writer.write(name)
    writer.write(email)
    writer.write(groups)
    return writer.bytes
  }

  /// The content that `encoded` wrote; `nil` for any other bytes.
  init?(encoded bytes: [UInt8]) {
    var reader = SealedReader(bytes)
    guard let high = reader.readUInt64(), let low = reader.readUInt64(), let authenticatedAt = reader.readInt64(),
      let lastActivity = reader.readInt64(), let notAfter = reader.readInt64(),
      let stamp = reader.readBytes(maximum: Self.stampCount), stamp.count == Self.stampCount,
      let login = reader.readText(), let user = reader.readText(), !user.isEmpty, let name = reader.readText(),
      let email = reader.readText(),
      let groups = reader.readTexts(), reader.isAtEnd
    else { return nil }
    self.init(
      id: SessionID(high: high, low: low), login: login, user: user, name: name, email: email, groups: groups, stamp: stamp,
      authenticatedAt: authenticatedAt, lastActivity: lastActivity, notAfter: notAfter)
  }
}

/// When a session began, was used last, and ends at the latest; in seconds since 1970 UTC.
package struct SessionTimes: Sendable, Equatable {
  let authenticatedAt: Int64
  let lastActivity: Int64
  let notAfter: Int64
}
