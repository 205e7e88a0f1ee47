import JOSE

/// Whether an ID token says who somebody is, to this client, now (OpenID Connect Core 1.0, section 3.1.3.7).
package struct IDTokenCheck: Sendable {
  package var issuer: String
  package var clientID: String
  package var algorithms: Set<SignatureAlgorithm>
  /// What was sent with the request; `nil` where none was, as at a refresh.
  package var nonce: String?
  /// The access token that came along, for `at_hash`.
  package var accessToken: String?
  /// How many seconds ago the provider may have checked the person; `auth_time` is required then.
  package var maxAge: Int64?
  /// Whose it must be, at a refresh.
  package var subject: String?

  package init(
    issuer: String, clientID: String, algorithms: Set<SignatureAlgorithm>, nonce: String? = nil, accessToken: String? = nil,
    maxAge: Int64? = nil, subject: String? = nil
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.algorithms = algorithms
    self.nonce = nonce
    self.accessToken = accessToken
    self.maxAge = maxAge
    self.subject = subject
  }

  /// The claims. `now`: seconds since 1970.
  package func verify(_ token: [UInt8], keys: JSONWebKeySet, now: Int64) throws(TokenFault) -> JSONValue { throw .unknownKey }
}
