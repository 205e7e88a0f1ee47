import Config
import Crypto

/// What a browser takes to the provider (OpenID Connect Core 1.0, section 3.1.2.1): the code flow with PKCE.
package struct AuthorizationRequest: Sendable {
  package var clientID: String
  package var redirectURI: String
  /// `openid` among them.
  package var scopes: [String]
  package var state: String
  package var nonce: String
  /// Of which only the challenge is sent (RFC 7636): 43 to 128 unreserved characters.
  package var verifier: String
  package var responseMode = OpenIDLoginSettings.ResponseMode.query
  /// Seconds.
  package var maxAge: Int64?
  /// `login`, `none`, `select_account`.
  package var prompt: String?

  package init(
    clientID: String, redirectURI: String, scopes: [String], state: String, nonce: String, verifier: String,
    responseMode: OpenIDLoginSettings.ResponseMode = .query, maxAge: Int64? = nil, prompt: String? = nil
  ) {
    self.clientID = clientID
    self.redirectURI = redirectURI
    self.scopes = scopes
    self.state = state
    self.nonce = nonce
    self.verifier = verifier
    self.responseMode = responseMode
    self.maxAge = maxAge
    self.prompt = prompt
  }

  /// What a site's settings say, with what belongs to one attempt.
  package init(_ settings: OpenIDLoginSettings, redirectURI: String, state: String, nonce: String, verifier: String, prompt: String? = nil)
  {
    self.init(
      clientID: settings.clientID, redirectURI: redirectURI, scopes: settings.scopes, state: state, nonce: nonce, verifier: verifier,
      responseMode: settings.responseMode, maxAge: settings.maxAge?.components.seconds, prompt: prompt)
  }

  /// Where the browser is sent.
  package func address(metadata: ProviderMetadata) -> String {
    var pairs = [
      ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI), ("scope", scopes.joined(separator: " ")),
      ("state", state), ("nonce", nonce), ("code_challenge", Self.challenge(verifier)), ("code_challenge_method", "S256"),
    ]
    // The other one is what a code comes by when nothing is said.
    if responseMode == .formPost { pairs.append(("response_mode", "form_post")) }
    if let maxAge { pairs.append(("max_age", "\(maxAge)")) }
    if let prompt { pairs.append(("prompt", prompt)) }
    return metadata.authorizationEndpoint.addingQuery(pairs)
  }

  /// The S256 challenge of a verifier (RFC 7636, section 4.2).
  static func challenge(_ verifier: String) -> String { Base64URL.encode(SHA256.hash(Array(verifier.utf8))) }
}

extension String {
  /// An address with more of a query than it may have already.
  func addingQuery(_ pairs: [(name: String, value: String)]) -> String {
    let separator = utf8.contains(UInt8(ascii: "?")) ? (hasSuffix("?") || hasSuffix("&") ? "" : "&") : "?"
    return self + separator + String(decoding: FormEncoding.encoded(pairs), as: UTF8.self)
  }
}
