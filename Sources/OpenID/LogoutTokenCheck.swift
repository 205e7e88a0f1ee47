import JOSE

/// Whether a logout token ends somebody's sessions (OpenID Connect Back-Channel Logout 1.0, section 2.6).
package struct LogoutTokenCheck: Sendable {
  /// `tokenIssuer` of the metadata.
  package var issuer: String
  package var clientID: String
  package var algorithms: Set<SignatureAlgorithm>

  package init(issuer: String, clientID: String, algorithms: Set<SignatureAlgorithm>) {
    self.issuer = issuer
    self.clientID = clientID
    self.algorithms = algorithms
  }

  /// Whose sessions end: those of a subject, or those that the provider calls by an id, or where both are there, those with both.
  /// `tokenID` (`jti`) must not be taken twice before `expires`, which is when it is refused for its age, at most a day from now. Times in
  /// seconds since 1970.
  package func verify(
    _ token: [UInt8], keys: JSONWebKeySet, now: Int64
  ) throws(TokenFault) -> (subject: String?, sessionID: String?, tokenID: String, expires: Int64) {
    let rules = try TokenRules(token, keys: keys, algorithms: algorithms)
    try rules.requireType("logout+jwt")
    try rules.requireIssuer(issuer)
    try rules.requireAudience(clientID)
    let issued = try rules.requireFreshness(now: now)
    let expires: Int64
    if rules.claims["exp"] == nil {
      // Drafts of the standard asked for none, and providers in use send none.
      guard now < issued + Self.youth + clockSkew else { throw .refused("exp is missing, and it is \(now - issued) s old") }
      expires = issued + Self.youth
    } else {
      expires = try rules.requireTimes(now: now)
    }
    let tokenID = try rules.neededIdentifier("jti")
    guard case .object? = rules.claims["events"]?[Self.event] else { throw .refused("events do not say that it is a logout token") }
    guard rules.claims["nonce"] == nil else { throw .refused("it has a nonce, which no logout token has") }
    let (subject, sessionID) = (try rules.identifier("sub"), try rules.identifier("sid"))
    guard subject != nil || sessionID != nil else { throw .refused("it names neither sub nor sid") }
    return (subject, sessionID, tokenID, min(expires, issued + longestTokenAge) + clockSkew)
  }

  /// How long one without `exp` is good, in seconds.
  private static let youth: Int64 = 120
  private static let event = "http://schemas.openid.net/event/backchannel-logout"
}
