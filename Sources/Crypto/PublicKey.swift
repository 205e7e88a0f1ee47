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
}

/// Digests for signatures.
package enum SignatureDigest: Sendable, Hashable { case sha256, sha384, sha512 }
