import Crypto

/// A signed token (RFC 7515, compact) with JSON claims, taken apart but not verified.
package struct SignedToken: Sendable {
  /// `kid`
  package var keyID: String?
  /// `typ`
  package var type: String?
  /// `alg`
  package var algorithmName: String

  package init(_ text: [UInt8]) throws(JOSEFault) { throw .refused("tokens are not read yet") }

  /// The claims, once a key of the set has verified the signature.
  package func verify(_ keys: JSONWebKeySet, algorithms: Set<SignatureAlgorithm>) throws(JOSEFault) -> JSONValue { throw .unknownKey }
}
