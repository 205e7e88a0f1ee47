/// A way to sign with a key pair.
package enum SignatureScheme: Sendable, Hashable {
  /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
  case rsaPKCS1(SignatureDigest)
  /// RSASSA-PSS (RFC 8017, section 8.1) with MGF1 of the same digest, and a salt as long as that.
  case rsaPSS(SignatureDigest)
  /// ECDSA, the signature as r and s of the curve's length in a row (RFC 7518, section 3.4).
  case ecdsa(SignatureDigest)
  /// Ed25519 (RFC 8032).
  case ed25519

  /// The digest that is made before; Ed25519 has its own inside.
  var digest: SignatureDigest? {
    switch self {
    case .rsaPKCS1(let digest), .rsaPSS(let digest), .ecdsa(let digest): digest
    case .ed25519: nil
    }
  }
}

/// Digests for signatures.
package enum SignatureDigest: Sendable, Hashable { case sha256, sha384, sha512 }

/// Kinds of keys for signatures.
package enum SignatureKeyKind: Sendable, Hashable {
  case rsa, p256, p384, ed25519

  /// Whether such a key is for that scheme; a curve goes with the digest of its size alone (RFC 7518, section 3.4).
  package func fits(_ scheme: SignatureScheme) -> Bool {
    switch (self, scheme) {
    case (.rsa, .rsaPKCS1), (.rsa, .rsaPSS), (.p256, .ecdsa(.sha256)), (.p384, .ecdsa(.sha384)), (.ed25519, .ed25519): true
    default: false
    }
  }

  /// Bytes of a coordinate, or of r or s; 0 where there is no such thing.
  var fieldCount: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .rsa, .ed25519: 0
    }
  }
}
