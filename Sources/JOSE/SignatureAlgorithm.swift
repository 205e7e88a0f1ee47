import Crypto

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037). Only with key pairs: `none` and shared secrets have no name here.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
  case rs256 = "RS256"
  case rs384 = "RS384"
  case rs512 = "RS512"
  case ps256 = "PS256"
  case es256 = "ES256"
  case es384 = "ES384"
  case edDSA = "EdDSA"

  package var scheme: SignatureScheme {
    switch self {
    case .rs256: .rsaPKCS1(.sha256)
    case .rs384: .rsaPKCS1(.sha384)
    case .rs512: .rsaPKCS1(.sha512)
    case .ps256: .rsaPSS(.sha256)
    case .es256: .ecdsa(.sha256)
    case .es384: .ecdsa(.sha384)
    case .edDSA: .ed25519
    }
  }

  /// The digest for `at_hash` (OpenID Connect Core 1.0, section 3.1.3.6); for Ed25519 the one that it has inside.
  package var digest: SignatureDigest {
    switch self {
    case .rs256, .ps256, .es256: .sha256
    case .rs384, .es384: .sha384
    case .rs512, .edDSA: .sha512
    }
  }
}
