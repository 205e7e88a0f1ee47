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
}
