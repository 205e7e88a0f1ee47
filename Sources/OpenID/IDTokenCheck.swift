import Crypto
import JOSE

/// Whether an ID token says who somebody is, to this client, now (OpenID Connect Core 1.0, section 3.1.3.7).
package struct IDTokenCheck: Sendable {
  /// `tokenIssuer` of the metadata.
  package var issuer: String
  package var clientID: String
  package var algorithms: Set<SignatureAlgorithm>
  /// What was sent with the request; `nil` where none was, as at a refresh.
  package var nonce: String?
  /// The access token that came along, for `at_hash`.
  package var accessToken: String?
  /// How many seconds ago the provider may have checked the person; `auth_time` is required then. Not for a refresh.
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
  package func verify(_ token: [UInt8], keys: JSONWebKeySet, now: Int64) throws(TokenFault) -> JSONValue {
    let rules = try TokenRules(token, keys: keys, algorithms: algorithms)
    try rules.requireType()
    guard rules.claims["events"] == nil else { throw .refused("it is a token of another kind: it has events") }
    try rules.requireIssuer(issuer)
    try rules.requireAudience(clientID)
    try requireAuthorizedParty(rules.claims)
    try rules.requireTimes(now: now)
    try rules.requireFreshness(now: now)
    let found = try rules.neededIdentifier("sub")
    if let subject, !isSame(found, subject) { throw .refused("it is somebody else's: sub has changed") }
    try requireNonce(rules.claims)
    try requireAccessTokenHash(rules)
    try requireLogin(rules.claims, now: now)
    return rules.claims
  }

  /// `azp` names this client, and must do so where the token is for several.
  private func requireAuthorizedParty(_ claims: JSONValue) throws(TokenFault) {
    if let party = claims["azp"] {
      guard let text = party.text, isSame(text, clientID) else { throw .refused("it was made for another client: azp") }
    } else if let audiences = claims["aud"]?.texts, audiences.count > 1 {
      throw .refused("it is for several, and azp is missing")
    }
  }

  private func requireNonce(_ claims: JSONValue) throws(TokenFault) {
    guard let nonce else { return }
    guard let found = claims["nonce"]?.text, ConstantTime.equal([UInt8](found.utf8), [UInt8](nonce.utf8)) else {
      throw .refused("nonce is missing or not that of the request")
    }
  }

  /// The left half of the access token's digest (section 3.1.3.6), where the token has it.
  private func requireAccessTokenHash(_ rules: TokenRules) throws(TokenFault) {
    guard let accessToken, let claim = rules.claims["at_hash"], let algorithm = rules.algorithm else { return }
    let digest = algorithm.digest.hash([UInt8](accessToken.utf8))
    guard let found = claim.text, isSame(found, Base64URL.encode(Array(digest.prefix(digest.count / 2)))) else {
      throw .refused("at_hash is not that of the access token")
    }
  }

  private func requireLogin(_ claims: JSONValue, now: Int64) throws(TokenFault) {
    guard let maxAge else { return }
    guard let time = claims["auth_time"]?.seconds else { throw .refused("auth_time is missing or no time, and max_age was asked for") }
    guard time <= now + clockSkew else { throw .refused("auth_time is in the future (is a clock off?)") }
    guard now - time <= maxAge + clockSkew else { throw .refused("the provider's own login is older than max_age") }
  }
}
