import COpenSSL

/// Why a private key cannot be used, in words for an operator, with the mend in parentheses.
package struct KeyFault: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String
}

/// A private key that signs: RSA of 2048 to 8192 bits, P-256, P-384 or Ed25519.
package struct PrivateKey: Sendable {
  package let kind: SignatureKeyKind
  private let key: KeyPointer

  /// - Parameter pem: without a pass phrase.
  package init(pem: [UInt8]) throws(KeyFault) {
    defer { ERR_clear_error() }
    let read = unsafe pem.withUnsafeBytes { buffer -> KeyPointer? in
      // Safe: the BIO reads the array in place, and is gone before it may be; the key is a new object, and ours.
      guard let memory = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else { return nil }
      defer { unsafe BIO_free(memory) }
      guard let key = unsafe PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in 0 }, nil) else { return nil }
      return unsafe KeyPointer(key)
    }
    guard let read else {
      throw KeyFault(
        description: pem.firstRange(of: [UInt8]("ENCRYPTED".utf8)) != nil
          ? "the key has a pass phrase (take it off: openssl pkey -in KEY -out NEW)"
          : "there is no private key in it (name a PEM file that begins with -----BEGIN PRIVATE KEY-----)")
    }
    guard let kind = Self.kind(of: read) else {
      throw KeyFault(
        description: "the key is of a kind that is not used here (make one of RSA with 2048 bits or more, P-256, P-384 or Ed25519)")
    }
    self.kind = kind
    key = read
  }

  /// How it signs where nothing else is asked for.
  package var scheme: SignatureScheme {
    switch kind {
    case .rsa: .rsaPKCS1(.sha256)
    case .p256: .ecdsa(.sha256)
    case .p384: .ecdsa(.sha384)
    case .ed25519: .ed25519
    }
  }

  /// The signature of `message`; `nil` for a scheme that the key is not for.
  package func sign(_ message: [UInt8], scheme: SignatureScheme) -> [UInt8]? {
    guard kind.fits(scheme) else { return nil }
    // Safe: the contexts live for the call; `signature` has as many bytes as OpenSSL asked for, and is told how many.
    let made = unsafe withDigestContext { context -> [UInt8]? in
      var parameters: OpaquePointer?
      var count = 0
      guard unsafe EVP_DigestSignInit(context, &parameters, scheme.digest?.algorithm, nil, key.pointer) == 1,
        unsafe scheme.setPadding(parameters), unsafe EVP_DigestSign(context, nil, &count, message, message.count) == 1
      else { return nil }
      var signature = [UInt8](repeating: 0, count: count)
      guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else { return nil }
      return Array(signature.prefix(count))
    }
    if case .ecdsa = scheme { return made.flatMap { DER.pair($0, count: kind.fieldCount) } }
    return made
  }

  private static func kind(of key: KeyPointer) -> SignatureKeyKind? {
    // Safe: the key is valid as long as `key` is, and only read.
    switch unsafe EVP_PKEY_get_base_id(key.pointer) {
    case EVP_PKEY_RSA: return unsafe 2048...8192 ~= EVP_PKEY_get_bits(key.pointer) ? .rsa : nil
    case EVP_PKEY_ED25519: return .ed25519
    case EVP_PKEY_EC:
      var name = [CChar](repeating: 0, count: 32)
      var count = 0
      // Safe: OpenSSL is told how long `name` is.
      guard unsafe EVP_PKEY_get_group_name(key.pointer, &name, name.count, &count) == 1 else { return nil }
      let curve = String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return ["prime256v1": .p256, "secp384r1": .p384][curve]
    default: return nil
    }
  }
}
