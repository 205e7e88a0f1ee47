import JOSE

/// Whether a logout token ends somebody's sessions (OpenID Connect Back-Channel Logout 1.0, section 2.6).
package struct LogoutTokenCheck: Sendable {
  package var issuer: String
  package var clientID: String
  package var algorithms: Set<SignatureAlgorithm>

  package init(issuer: String, clientID: String, algorithms: Set<SignatureAlgorithm>) {
    self.issuer = issuer
    self.clientID = clientID
    self.algorithms = algorithms
  }

  /// Whose sessions end: those of a subject, or those that the provider calls by an id, or where both are there, those with both.
  /// `tokenID` (`jti`) must not be taken twice before `expires`. Times in seconds since 1970.
  package func verify(
    _ token: [UInt8], keys: JSONWebKeySet, now: Int64
  ) throws(TokenFault) -> (subject: String?, sessionID: String?, tokenID: String, expires: Int64) { throw .unknownKey }
}
