import JOSE

@testable import OpenID

/// A provider's metadata with changes.
func metadata(_ changes: [String: JSONValue] = [:], issuer: String = "https://login.test") throws -> ProviderMetadata {
  let members: [String: JSONValue] = [
    "issuer": .text("https://login.test"), "authorization_endpoint": .text("https://login.test/authorize"),
    "token_endpoint": .text("https://login.test/token"), "jwks_uri": .text("https://login.test/keys"),
    "response_types_supported": .array([.text("code")]), "subject_types_supported": .array([.text("public")]),
    "id_token_signing_alg_values_supported": .array([.text("RS256")]), "code_challenge_methods_supported": .array([.text("S256")]),
  ]
  return try ProviderMetadata(.object(members.merging(changes) { $1 }), issuer: issuer)
}
