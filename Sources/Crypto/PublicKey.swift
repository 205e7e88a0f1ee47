import COpenSSL

/// A public key that verifies signatures.
package struct PublicKey: Sendable {
  package let kind: SignatureKeyKind
  /// Bits of the modulus; of the curve's field for others.
  package let bits: Int
  private let key: KeyPointer

  /// An RSA key of big-endian numbers: 2048 to 8192 bits, the exponent odd, from 3 on, and of at most 64 bits. Otherwise `nil`.
  package init?(modulus: [UInt8], exponent: [UInt8]) {
    let modulus = modulus.drop { $0 == 0 }
    let exponent = exponent.drop { $0 == 0 }
    guard let first = modulus.first, let lowest = modulus.last, lowest & 1 == 1, let least = exponent.last, least & 1 == 1,
      exponent.count <= 8, exponent.count > 1 || least >= 3
    else { return nil }
    let bits = modulus.count * 8 - first.leadingZeroBitCount
    guard 2048...8192 ~= bits else { return nil }
    guard let key = unsafe Self.read(DER.integers([modulus, exponent]), by: { unsafe d2i_PublicKey(EVP_PKEY_RSA, nil, &$0, $1) }) else {
      return nil
    }
    self.key = key
    self.bits = bits
    kind = .rsa
  }

  /// A key on a curve, P-256 or P-384; `nil` where the coordinates have another length than the curve's, or the point is not on it.
  package init?(curve: SignatureKeyKind, x: [UInt8], y: [UInt8]) {
    guard let head = Self.curveHeads[curve], x.count == curve.fieldCount, y.count == curve.fieldCount else { return nil }
    guard let key = unsafe Self.read(head + [0x04] + x + y, by: { unsafe d2i_PUBKEY(nil, &$0, $1) }) else { return nil }
    self.key = key
    kind = curve
    bits = curve.fieldCount * 8
  }

  /// An Ed25519 key of 32 bytes (RFC 8032, section 5.1.5); otherwise `nil`.
  package init?(ed25519 bytes: [UInt8]) {
    // Safe: OpenSSL copies the bytes in the call.
    guard bytes.count == 32, let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else { return nil }
    unsafe self.key = KeyPointer(key)
    kind = .ed25519
    bits = 256
  }

  /// Whether `signature` was made of `message` with this key's other half, in that way; never for a scheme that the key is not for.
  package func verify(_ message: [UInt8], signature: [UInt8], scheme: SignatureScheme) -> Bool {
    guard kind.fits(scheme) else { return false }
    var signature = signature
    if case .ecdsa = scheme {
      // Both numbers of full length: one signature has one form.
      guard signature.count == 2 * kind.fieldCount else { return false }
      signature = DER.integers([signature[..<kind.fieldCount], signature[kind.fieldCount...]])
    }
    // Safe: the contexts live for the call; the padding's one belongs to the digest's; arrays are read for the call alone.
    return unsafe withDigestContext { context in
      var parameters: OpaquePointer?
      guard unsafe EVP_DigestVerifyInit(context, &parameters, scheme.digest?.algorithm, nil, key.pointer) == 1,
        unsafe scheme.setPadding(parameters)
      else { return false }
      return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
  }

  /// What stands before `0x04 || x || y` in a SubjectPublicKeyInfo (RFC 5480).
  private static let curveHeads: [SignatureKeyKind: [UInt8]] = [
    .p256: [
      0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01,
      0x07, 0x03, 0x42, 0x00,
    ],
    .p384: [
      0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62,
      0x00,
    ],
  ]

  /// What OpenSSL reads from DER, to its last byte.
  private static func read(_ der: [UInt8], by decode: (inout UnsafePointer<UInt8>?, Int) -> OpaquePointer?) -> KeyPointer? {
    defer { ERR_clear_error() }
    return unsafe der.withUnsafeBufferPointer { buffer in
      // Safe: OpenSSL moves `next` inside the buffer, which lives for the call; the key is a new object, and the caller's.
      var next = buffer.baseAddress
      guard let key = unsafe decode(&next, buffer.count) else { return nil }
      let pointer = unsafe KeyPointer(key)
      return unsafe next == buffer.baseAddress.map { unsafe $0 + buffer.count } ? pointer : nil
    }
  }
}

extension SignatureScheme {
  /// What RSA-PSS needs besides the digest.
  @unsafe func setPadding(_ parameters: OpaquePointer?) -> Bool {
    guard case .rsaPSS(let digest) = self else { return true }
    // Safe: the caller's context is valid, and the digest a constant.
    return unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
      && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
      && EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, digest.algorithm) == 1
  }
}
