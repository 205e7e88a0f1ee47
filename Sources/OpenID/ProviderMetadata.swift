import JOSE

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3).
package struct ProviderMetadata: Sendable, Equatable {
  /// As configured, which is as announced.
  package var issuer: String
  package var authorizationEndpoint: String
  package var tokenEndpoint: String
  /// `jwks_uri`
  package var keysAddress: String
  package var userinfoEndpoint: String?
  package var endSessionEndpoint: String?
  /// Whether its answers carry `iss` (RFC 9207).
  package var announcesIssuer: Bool
  /// How it says that it signs ID tokens.
  package var algorithms: Set<SignatureAlgorithm>
  /// `token_endpoint_auth_methods_supported`
  package var tokenAuthMethods: [String]
  package var offersFormPost: Bool

  /// - Parameter issuer: as configured; the document must name the same.
  package init(_ document: JSONValue, issuer: String) throws(ProviderFault) { throw ProviderFault("metadata is not read yet") }
}
