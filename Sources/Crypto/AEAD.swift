import COpenSSL
import COpenSSLShim

/// AES-256-GCM (NIST SP 800-38D) under one key, with OpenSSL contexts that are set up once.
///
/// Not `Sendable`: each thread makes its own from a shared `Secret`.
@safe package final class AEAD {
  /// Bytes of the nonce that `seal` puts in front.
  package static let nonceCount = 12
  /// Bytes of the tag that `seal` puts behind.
  package static let tagCount = 16

  // Owned by this object alone, made in `init` and freed in `deinit`; used from one thread, as the class is not Sendable.
  private let sealing: OpaquePointer
  private let opening: OpaquePointer

  /// - Parameter key: 32 bytes.
  package init(key: Secret) {
    precondition(key.count == 32)
    guard let sealing = unsafe EVP_CIPHER_CTX_new(), let opening = unsafe EVP_CIPHER_CTX_new() else { fatalError("out of memory") }
    unsafe self.sealing = sealing
    unsafe self.opening = opening
    key.withBytes { key in
      unsafe key.withUnsafeBufferPointer { key in
        guard unsafe EVP_EncryptInit_ex(sealing, EVP_aes_256_gcm(), nil, key.baseAddress, nil) == 1,
          unsafe EVP_DecryptInit_ex(opening, EVP_aes_256_gcm(), nil, key.baseAddress, nil) == 1
        else { fatalError("AES-256-GCM is not available in this OpenSSL") }
      }
    }
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(sealing)
    unsafe EVP_CIPHER_CTX_free(opening)
  }

  /// `nonce || ciphertext || tag` under a fresh random nonce; `context` is authenticated with it but not carried.
  package func seal(_ plaintext: [UInt8], context: [UInt8]) -> [UInt8] {
    var output = Random.bytes(Self.nonceCount)
    output.reserveCapacity(output.count + plaintext.count + Self.tagCount)
    var body = [UInt8](repeating: 0, count: plaintext.count)
    var tag = [UInt8](repeating: 0, count: Self.tagCount)
    var length: Int32 = 0
    // Safe: every pointer lives for its one call, and `body` and `tag` are as long as GCM writes (ciphertext = plaintext, tag = 16).
    let done =
      unsafe EVP_EncryptInit_ex(sealing, nil, nil, nil, output) == 1
      && EVP_EncryptUpdate(sealing, nil, &length, context, Int32(context.count)) == 1
      && (plaintext.isEmpty || EVP_EncryptUpdate(sealing, &body, &length, plaintext, Int32(plaintext.count)) == 1)
      && EVP_EncryptFinal_ex(sealing, &tag, &length) == 1
      && anteroom_gcm_get_tag(sealing, Int32(Self.tagCount), &tag) == 1
    guard done else { fatalError("AES-256-GCM sealing failed") }
    output += body
    output += tag
    return output
  }

  /// The plaintext of what `seal` made with the same key and `context`; `nil` if a bit of either differs.
  package func open(_ sealed: Span<UInt8>, context: [UInt8]) -> [UInt8]? {
    let bodyCount = sealed.count - Self.nonceCount - Self.tagCount
    guard bodyCount >= 0 else { return nil }
    // Safe: offsets stay inside `sealed` by the guard above; pointers live for their one call; GCM writes `bodyCount` bytes.
    return unsafe sealed.withUnsafeBufferPointer { input in
      guard let base = input.baseAddress else { return nil }
      var tag = unsafe [UInt8](UnsafeBufferPointer(start: base + Self.nonceCount + bodyCount, count: Self.tagCount))
      var good = true
      let body = unsafe [UInt8](unsafeUninitializedCapacity: bodyCount) { body, initialized in
        var length: Int32 = 0
        good =
          unsafe EVP_DecryptInit_ex(opening, nil, nil, nil, base) == 1
          && EVP_DecryptUpdate(opening, nil, &length, context, Int32(context.count)) == 1
          && (bodyCount == 0 || EVP_DecryptUpdate(opening, body.baseAddress, &length, base + Self.nonceCount, Int32(bodyCount)) == 1)
          && anteroom_gcm_set_tag(opening, Int32(Self.tagCount), &tag) == 1
        var none: UInt8 = 0
        let verified = unsafe EVP_DecryptFinal_ex(opening, &none, &length) == 1
        good = good && verified
        initialized = bodyCount
      }
      return good ? body : nil
    }
  }
}
