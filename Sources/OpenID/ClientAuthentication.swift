import Config
import JOSE

/// How the gateway proves at the token endpoint that it is this client (OpenID Connect Core 1.0, section 9).
package enum ClientAuthentication: Sendable, Equatable {
  /// A public client: it only says which one it is.
  case none
  /// `client_secret_basic`
  case basic(secret: String)
  /// `client_secret_post`
  case post(secret: String)
  /// `private_key_jwt`: a signed assertion of this very moment.
  case assertion(String)

  /// For a secret: in the Authorization field, unless the provider takes it in the body alone.
  package static func secret(_ secret: String, metadata: ProviderMetadata) -> ClientAuthentication {
    // A provider that says nothing takes the field (OpenID Connect Discovery 1.0, section 3).
    let methods = metadata.tokenAuthMethods
    return methods.contains("client_secret_post") && !methods.contains("client_secret_basic")
      ? .post(secret: secret) : .basic(secret: secret)
  }

  /// What an assertion says (RFC 7523, section 3): good for a minute at the token endpoint.
  /// - Parameters:
  ///   - id: never used before.
  ///   - now: seconds since 1970.
  package static func assertionClaims(clientID: String, metadata: ProviderMetadata, id: String, now: Int64) -> JSONValue {
    .object([
      "iss": .text(clientID), "sub": .text(clientID), "aud": .text(metadata.tokenEndpoint), "jti": .text(id), "iat": .integer(now),
      "exp": .integer(now + 60),
    ])
  }
}
