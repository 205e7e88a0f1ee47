/// What a browser takes to the provider to sign out there too (OpenID Connect RP-Initiated Logout 1.0, section 2).
package struct EndSessionRequest: Sendable {
  package var clientID: String
  /// Where the provider sends the browser afterwards.
  package var returnAddress: String
  /// The ID token of the session, where it was kept: the provider asks nothing then.
  package var idToken: String?
  package var state: String?

  package init(clientID: String, returnAddress: String, idToken: String? = nil, state: String? = nil) {
    self.clientID = clientID
    self.returnAddress = returnAddress
    self.idToken = idToken
    self.state = state
  }

  /// Where the browser is sent; `nil` where the provider has no such address.
  package func address(metadata: ProviderMetadata) -> String? {
    guard let endpoint = metadata.endSessionEndpoint else { return nil }
    var pairs = [("client_id", clientID), ("post_logout_redirect_uri", returnAddress)]
    if let idToken { pairs.append(("id_token_hint", idToken)) }
    if let state { pairs.append(("state", state)) }
    return endpoint.addingQuery(pairs)
  }
}
