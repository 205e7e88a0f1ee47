import COpenSSL

/// HMAC with SHA-256 (RFC 2104, FIPS 180-4), with a digest context that is set up once: to look the algorithm up costs several times what
/// an authentication does.
///
/// Not `Sendable`: each thread has its own. Between two calls nothing of a key or a message stays in its memory.
@safe package final class HMACSHA256 {
  /// Bytes of an authentication code.
  package static let count = 32
  private static let blockCount = 64

  // Owned by this object alone, made in `init` and freed in `deinit`; used from one thread, as the class is not Sendable.
  private let digest: OpaquePointer
  /// The key with its padding; after it room for the digest of a key that is longer than a block.
  private let pad: UnsafeMutablePointer<UInt8>

  package init() {
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil), let digest = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex2(digest, algorithm, nil) == 1
    else { fatalError("SHA-256 is not available in this OpenSSL") }
    // The context holds a reference of its own.
    unsafe EVP_MD_free(algorithm)
    unsafe self.digest = digest
    unsafe pad = UnsafeMutablePointer.allocate(capacity: Self.blockCount + Self.count)
    unsafe pad.initialize(repeating: 0, count: Self.blockCount + Self.count)
  }

  deinit {
    unsafe EVP_MD_CTX_free(digest)
    unsafe pad.deallocate()
  }

  /// The 32-byte code of `message` under `key`.
  package func authenticate(_ message: [UInt8], key: Secret) -> [UInt8] {
    key.withBytes { key in
      // Safe: all pointers live for the call and are as long as `compute` is told.
      unsafe [UInt8](unsafeUninitializedCapacity: Self.count) { out, initialized in
        unsafe key.withUnsafeBufferPointer { key in
          unsafe message.withUnsafeBufferPointer { message in
            guard let base = out.baseAddress else { fatalError("out of memory") }
            unsafe compute(key: key, message, into: base)
          }
        }
        initialized = Self.count
      }
    }
  }

  /// Writes the code of `first`, `second` and `third` in a row to the 32 bytes at `output`, which may be where one of them is.
  @unsafe func compute(
    key: UnsafeBufferPointer<UInt8>, _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>? = nil,
    _ third: UnsafeBufferPointer<UInt8>? = nil, into output: UnsafeMutablePointer<UInt8>
  ) {
    var key = unsafe key
    if key.count > Self.blockCount {
      unsafe update(key)
      unsafe finish(pad + Self.blockCount)
      unsafe key = UnsafeBufferPointer(start: pad + Self.blockCount, count: Self.count)
    }
    let block = unsafe UnsafeBufferPointer(start: pad, count: Self.blockCount)
    unsafe pad.update(repeating: 0x36, count: Self.blockCount)
    for i in 0..<key.count { unsafe pad[i] ^= key[i] }
    unsafe update(block)
    unsafe update(first)
    if let second = unsafe second { unsafe update(second) }
    if let third = unsafe third { unsafe update(third) }
    unsafe finish(output)
    for i in 0..<Self.blockCount { unsafe pad[i] ^= 0x36 ^ 0x5C }
    unsafe update(block)
    unsafe update(UnsafeBufferPointer(start: output, count: Self.count))
    unsafe finish(output)
    unsafe wipe(pad, Self.blockCount + Self.count)
  }

  @unsafe private func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard unsafe EVP_DigestUpdate(digest, bytes.baseAddress, bytes.count) == 1 else { fatalError("SHA-256 failed") }
  }

  /// Begins anew at once, so that the context keeps nothing of what it has digested.
  @unsafe private func finish(_ output: UnsafeMutablePointer<UInt8>) {
    guard unsafe EVP_DigestFinal_ex(digest, output, nil) == 1, unsafe EVP_DigestInit_ex2(digest, nil, nil) == 1 else {
      fatalError("SHA-256 failed")
    }
  }
}
