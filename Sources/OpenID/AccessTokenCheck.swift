import JOSE

/// Whether an access token lets a program in (RFC 9068 where its `typ` says so, otherwise what all providers have in common).
package struct AccessTokenCheck: Sendable {
  /// `tokenIssuer` of the metadata.
  package var issuer: String
  package var audience: String
  /// What ID tokens of this login are for.
  package var clientID: String
  package var algorithms: Set<SignatureAlgorithm>

  package init(issuer: String, audience: String, clientID: String, algorithms: Set<SignatureAlgorithm>) {
    self.issuer = issuer
    self.audience = audience
    self.clientID = clientID
    self.algorithms = algorithms
  }

  /// The claims. `now`: seconds since 1970.
  package func verify(_ token: [UInt8], keys: JSONWebKeySet, now: Int64) throws(TokenFault) -> JSONValue {
    let rules = try TokenRules(token, keys: keys, algorithms: algorithms)
    try rules.requireType("at+jwt")
    let isTyped = rules.type == "at+jwt"
    guard rules.claims["events"] == nil else { throw .refused("it is a token of another kind: it has events") }
    if !isTyped { try refuseIDTokens(rules.claims) }
    try rules.requireIssuer(issuer)
    try rules.requireAudience(audience)
    try rules.requireTimes(now: now)
    if let issued = rules.claims["iat"] {
      guard let issued = issued.seconds, issued <= now + clockSkew else {
        throw .refused("iat is no time, or in the future (is a clock off?)")
      }
    }
    _ = try rules.neededIdentifier("sub")
    if isTyped {
      // RFC 9068, section 2.2: besides those that are asked for anyway.
      for name in ["client_id", "jti"] { _ = try rules.neededIdentifier(name) }
      guard rules.claims["iat"] != nil else { throw .refused("iat is missing") }
    }
    return rules.claims
  }

  /// Where the audience is the client itself, its ID tokens are for it too; and they lie about in browsers. What only an ID token has gives
  /// it away; older Keycloaks put a nonce into access tokens as well, and then say `Bearer`.
  private func refuseIDTokens(_ claims: JSONValue) throws(TokenFault) {
    let kind = claims["typ"]?.text
    let signs = ["at_hash", "c_hash", "s_hash"] + (kind == "Bearer" ? [] : ["nonce"])
    guard kind != "ID", kind != "Refresh", !signs.contains(where: { claims[$0] != nil }) else {
      throw .refused("it is an ID token, which lets nobody in")
    }
    // One from a refresh may have none of these. Entra puts roles into ID tokens too, but there says how the client signed in of access tokens alone.
    guard claims["aud"]?.texts.contains(clientID) ?? false else { return }
    let isProgramsOwn = claims["roles"] != nil && (claims["azpacr"] != nil || claims["appidacr"] != nil)
    guard claims["scope"] != nil || claims["scp"] != nil || isProgramsOwn else {
      throw .refused(
        "it is for the client itself and has no scope or scp: it may be an ID token (have the provider send scopes, or use an audience of its own)"
      )
    }
  }
}
