import JOSE

/// Whether an access token lets a program in (RFC 9068 where its `typ` says so, otherwise what all providers have in common).
package struct AccessTokenCheck: Sendable {
  package var issuer: String
  package var audience: String
  package var algorithms: Set<SignatureAlgorithm>

  package init(issuer: String, audience: String, algorithms: Set<SignatureAlgorithm>) {
    self.issuer = issuer
    self.audience = audience
    self.algorithms = algorithms
  }

  /// The claims. `now`: seconds since 1970.
  package func verify(_ token: [UInt8], keys: JSONWebKeySet, now: Int64) throws(TokenFault) -> JSONValue { throw .unknownKey }
}
