/// AES-256-GCM under a key of its own for each message, derived with HKDF from a secret and 16 random bytes: however many messages are asked
/// for, no key seals two. A message is `salt || nonce || ciphertext || tag`.
package enum SaltedAEAD {
  /// Bytes of a salt.
  package static let saltCount = 16
  /// Bytes in front of a plaintext.
  package static let headCount = saltCount + AEAD.nonceCount

  /// Seals in place. From `start` on `bytes` has room for salt and nonce, and behind it the plaintext, to its end; afterwards the message.
  ///
  /// - Parameters:
  ///   - info: what the key is derived for.
  ///   - context: authenticated, but not carried; in two parts that count as one.
  package static func seal(
    _ bytes: inout [UInt8], from start: Int, secret: Secret, info: [UInt8], context: [UInt8], _ more: [UInt8], using crypto: CryptoContext
  ) {
    precondition(bytes.count >= start + headCount)
    // Safe: the range is inside `bytes` by the precondition.
    unsafe bytes.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { unsafe crypto.random.fill(base + start, headCount) }
    }
    encrypt(&bytes, from: start, secret: secret, info: info, context: context, more, using: crypto)
  }

  /// The plaintext of what was sealed with the same secret, info and context; `nil` if a bit of these, or of the message, differs.
  package static func open(
    _ message: Span<UInt8>, secret: Secret, info: [UInt8], context: [UInt8], _ more: [UInt8], using crypto: CryptoContext
  ) -> [UInt8]? {
    guard message.count >= headCount + AEAD.tagCount else { return nil }
    // Safe: the salt is inside the message by the guard; the key's pointer lives for its one call.
    return unsafe message.withUnsafeBufferPointer { bytes in
      unsafe withKey(from: secret, salt: UnsafeBufferPointer(rebasing: bytes[..<saltCount]), info: info, using: crypto) { key in
        unsafe crypto.aead.decrypt(message.extracting(saltCount..<message.count), onceWith: key, context: context, more)
      }
    }
  }

  /// As `seal`, with the salt and the nonce that are there already.
  static func encrypt(
    _ bytes: inout [UInt8], from start: Int, secret: Secret, info: [UInt8], context: [UInt8], _ more: [UInt8], using crypto: CryptoContext
  ) {
    // Safe: the salt is copied from inside `bytes`, as `seal` has checked; the pointers live for their one call.
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: saltCount) { salt in
      for i in 0..<saltCount { unsafe salt[i] = bytes[start + i] }
      unsafe withKey(from: secret, salt: UnsafeBufferPointer(salt), info: info, using: crypto) { key in
        unsafe crypto.aead.encrypt(&bytes, from: start + saltCount, onceWith: key, context: context, more)
      }
    }
  }

  /// Lends a message's key to `body`, and wipes it.
  @unsafe private static func withKey<Result>(
    from secret: Secret, salt: UnsafeBufferPointer<UInt8>, info: [UInt8], using crypto: CryptoContext,
    _ body: (UnsafePointer<UInt8>) -> Result
  ) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: AEAD.keyCount) { key in
      guard let base = key.baseAddress else { fatalError("out of memory") }
      secret.withBytes { secret in
        unsafe secret.withUnsafeBufferPointer { secret in
          unsafe info.withUnsafeBufferPointer { info in
            unsafe HKDF.derive(from: secret, salt: salt, info: info, using: crypto.hmac, into: key)
          }
        }
      }
      defer { unsafe wipe(base, AEAD.keyCount) }
      return unsafe body(base)
    }
  }
}
