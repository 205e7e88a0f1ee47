import JOSE

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3).
package struct ProviderMetadata: Sendable, Equatable {
  /// As configured.
  package var issuer: String
  /// What `iss` of a token must be: the same, or with a place for the tenant (`TenantIssuer`). This is what the checks of tokens take.
  package var tokenIssuer: String
  package var authorizationEndpoint: String
  package var tokenEndpoint: String
  /// `jwks_uri`
  package var keysAddress: String
  package var userinfoEndpoint: String?
  package var endSessionEndpoint: String?
  /// Whether its answers carry `iss` (RFC 9207).
  package var announcesIssuer: Bool
  /// Those it signs ID tokens with that are taken here; never empty.
  package var algorithms: Set<SignatureAlgorithm>
  /// `token_endpoint_auth_methods_supported`
  package var tokenAuthMethods: [String]
  package var offersFormPost: Bool

  /// - Parameter issuer: as configured; the document must name the same.
  package init(_ document: JSONValue, issuer: String) throws(ProviderFault) {
    guard let announced = document["issuer"]?.text else {
      throw ProviderFault("the provider's metadata name no issuer (is the issuer's address that of an OpenID Connect provider?)")
    }
    guard TenantIssuer.fits(announced, configured: issuer) else {
      throw ProviderFault(
        "the provider calls itself \(quoted(announced)) (write: issuer \(quoted(announced)), if this is the one you mean)")
    }
    self.issuer = issuer
    tokenIssuer = announced
    authorizationEndpoint = try Self.needed(document, "authorization_endpoint")
    tokenEndpoint = try Self.needed(document, "token_endpoint")
    keysAddress = try Self.needed(document, "jwks_uri")
    userinfoEndpoint = try Self.endpoint(document, "userinfo_endpoint")
    endSessionEndpoint = try Self.endpoint(document, "end_session_endpoint")
    announcesIssuer = document["authorization_response_iss_parameter_supported"]?.bool == true
    // Where the list is missing: what every provider must have.
    let names = document["id_token_signing_alg_values_supported"]?.texts ?? ["RS256"]
    algorithms = Set(names.compactMap(SignatureAlgorithm.init))
    guard !algorithms.isEmpty else {
      throw ProviderFault(
        "the provider signs with none of \(SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")) (choose one of them there)")
    }
    if let types = document["response_types_supported"]?.texts, !types.isEmpty, !types.contains("code") {
      throw ProviderFault("the provider does not offer the authorization code flow (turn on response type code there)")
    }
    tokenAuthMethods = document["token_endpoint_auth_methods_supported"]?.texts ?? ["client_secret_basic"]
    offersFormPost = document["response_modes_supported"]?.texts.contains("form_post") ?? false
  }

  private static func needed(_ document: JSONValue, _ name: String) throws(ProviderFault) -> String {
    if let found = try endpoint(document, name) { return found }
    throw ProviderFault("the provider's metadata have no \(name)")
  }

  private static func endpoint(_ document: JSONValue, _ name: String) throws(ProviderFault) -> String? {
    guard let value = document[name], value != .null else { return nil }
    guard let text = value.text, isEndpoint(text) else {
      throw ProviderFault("\(name) in the provider's metadata is no https address (plain http is for loopback only)")
    }
    return text
  }
}

/// At most 200 characters of what somebody else wrote, for a message, without what is not printable ASCII.
func quoted(_ text: String) -> String {
  String(decoding: text.utf8.prefix(200).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
