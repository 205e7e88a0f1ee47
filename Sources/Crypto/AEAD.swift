import COpenSSL
import COpenSSLShim

/// AES-256-GCM (NIST SP 800-38D), with OpenSSL contexts that are set up once and take another key, or only another nonce, for each message.
///
/// A message is `nonce || ciphertext || tag`. What is authenticated with it but not carried is given as `context`, in two parts that count
/// as one. Not `Sendable`: each thread has its own.
@safe package final class AEAD {
  /// Bytes of a nonce.
  package static let nonceCount = 12
  /// Bytes of a tag.
  package static let tagCount = 16
  static let keyCount = 32

  // Owned by this object alone, made in `init` and freed in `deinit`; used from one thread, as the class is not Sendable.
  private let sealing: OpaquePointer
  private let opening: OpaquePointer
  // The keys that the contexts have now. Held, so that no other secret is ever taken for them.
  private var sealingKey: Secret?
  private var openingKey: Secret?

  package init() {
    guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), let sealing = unsafe EVP_CIPHER_CTX_new(),
      let opening = unsafe EVP_CIPHER_CTX_new(), unsafe EVP_EncryptInit_ex2(sealing, cipher, nil, nil, nil) == 1,
      unsafe EVP_DecryptInit_ex2(opening, cipher, nil, nil, nil) == 1
    else { fatalError("AES-256-GCM is not available in this OpenSSL") }
    // The contexts hold references of their own.
    unsafe EVP_CIPHER_free(cipher)
    unsafe self.sealing = sealing
    unsafe self.opening = opening
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(sealing)
    unsafe EVP_CIPHER_CTX_free(opening)
  }

  /// Seals in place, under a fresh random nonce. From `start` on `bytes` has room for the nonce, and behind it the plaintext, to its end;
  /// afterwards the message.
  package func seal(
    _ bytes: inout [UInt8], from start: Int, key: Secret, context: [UInt8], _ more: [UInt8] = [], random: RandomSupply
  ) {
    precondition(bytes.count >= start + Self.nonceCount)
    // Safe: the range is inside `bytes` by the precondition.
    unsafe bytes.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { unsafe random.fill(base + start, Self.nonceCount) } }
    encrypt(&bytes, from: start, key: key, context: context, more)
  }

  /// The plaintext of what was sealed with the same key and context; `nil` if a bit of either, or of the message, differs.
  package func open(_ message: Span<UInt8>, key: Secret, context: [UInt8], _ more: [UInt8] = []) -> [UInt8]? {
    guard message.count >= Self.nonceCount + Self.tagCount else { return nil }
    if openingKey === key { return unsafe decrypt(message, key: nil, context: context, more) }
    openingKey = key
    return key.withBytes { key in
      precondition(key.count == Self.keyCount)
      // Safe: the pointer lives for the call, which copies the key into the context.
      return unsafe key.withUnsafeBufferPointer { unsafe decrypt(message, key: $0.baseAddress, context: context, more) }
    }
  }

  /// As `seal`, with the nonce that is there already.
  func encrypt(_ bytes: inout [UInt8], from start: Int, key: Secret, context: [UInt8], _ more: [UInt8]) {
    if sealingKey === key { return unsafe encrypt(&bytes, from: start, key: nil, context: context, more) }
    sealingKey = key
    key.withBytes { key in
      precondition(key.count == Self.keyCount)
      // Safe: the pointer lives for the call, which copies the key into the context.
      unsafe key.withUnsafeBufferPointer { unsafe encrypt(&bytes, from: start, key: $0.baseAddress, context: context, more) }
    }
  }

  /// Seals under a key of 32 bytes that is used for this one message.
  @unsafe func encrypt(
    _ bytes: inout [UInt8], from start: Int, onceWith key: UnsafePointer<UInt8>, context: [UInt8], _ more: [UInt8]
  ) {
    sealingKey = nil
    unsafe encrypt(&bytes, from: start, key: key, context: context, more)
  }

  /// Opens with a key of 32 bytes that is used for this one message.
  @unsafe func decrypt(
    _ message: Span<UInt8>, onceWith key: UnsafePointer<UInt8>, context: [UInt8], _ more: [UInt8]
  ) -> [UInt8]? {
    guard message.count >= Self.nonceCount + Self.tagCount else { return nil }
    openingKey = nil
    return unsafe decrypt(message, key: key, context: context, more)
  }

  /// - Parameter key: 32 bytes, or `nil` for the one that the context has.
  @unsafe private func encrypt(
    _ bytes: inout [UInt8], from start: Int, key: UnsafePointer<UInt8>?, context: [UInt8], _ more: [UInt8]
  ) {
    let end = bytes.count
    let count = end - start - Self.nonceCount
    precondition(start >= 0 && count >= 0 && count <= Int32.max)
    bytes.append(addingCapacity: Self.tagCount) { tag in tag.append(repeating: 0, count: Self.tagCount) }
    var length: Int32 = 0
    // Safe: every pointer lives for its one call; nonce, body and tag lie inside `bytes`, and GCM writes as many bytes as it reads.
    let done = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return false }
      let nonce = unsafe base + start
      let body = unsafe nonce + Self.nonceCount
      var none: UInt8 = 0
      return unsafe EVP_EncryptInit_ex(sealing, nil, nil, key, nonce) == 1
        && (context.isEmpty || EVP_EncryptUpdate(sealing, nil, &length, context, Int32(context.count)) == 1)
        && (more.isEmpty || EVP_EncryptUpdate(sealing, nil, &length, more, Int32(more.count)) == 1)
        && (count == 0 || EVP_EncryptUpdate(sealing, body, &length, body, Int32(count)) == 1)
        && EVP_EncryptFinal_ex(sealing, &none, &length) == 1
        && anteroom_gcm_get_tag(sealing, Int32(Self.tagCount), body + count) == 1
    }
    guard done else { fatalError("AES-256-GCM sealing failed") }
  }

  /// - Parameter key: 32 bytes, or `nil` for the one that the context has.
  @unsafe private func decrypt(
    _ message: Span<UInt8>, key: UnsafePointer<UInt8>?, context: [UInt8], _ more: [UInt8]
  ) -> [UInt8]? {
    let count = message.count - Self.nonceCount - Self.tagCount
    precondition(count >= 0 && count <= Int32.max)
    // Safe: offsets stay inside `message` by the precondition; pointers live for their one call; GCM writes `count` bytes, and only reads
    // the tag.
    return unsafe message.withUnsafeBufferPointer { input in
      guard let nonce = input.baseAddress else { return nil }
      let sealed = unsafe nonce + Self.nonceCount
      var isGenuine = false
      let body = unsafe [UInt8](unsafeUninitializedCapacity: count) { body, initialized in
        var length: Int32 = 0
        var none: UInt8 = 0
        isGenuine =
          unsafe EVP_DecryptInit_ex(opening, nil, nil, key, nonce) == 1
          && (context.isEmpty || EVP_DecryptUpdate(opening, nil, &length, context, Int32(context.count)) == 1)
          && (more.isEmpty || EVP_DecryptUpdate(opening, nil, &length, more, Int32(more.count)) == 1)
          && (count == 0 || EVP_DecryptUpdate(opening, body.baseAddress, &length, sealed, Int32(count)) == 1)
          && anteroom_gcm_set_tag(opening, Int32(Self.tagCount), UnsafeMutableRawPointer(mutating: sealed + count)) == 1
          && EVP_DecryptFinal_ex(opening, &none, &length) == 1
        initialized = count
      }
      return isGenuine ? body : nil
    }
  }
}
