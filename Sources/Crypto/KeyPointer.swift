import COpenSSL

/// A key of OpenSSL's, which is never changed once it is made, and which OpenSSL lets several threads use at a time.
@safe final class KeyPointer: Sendable {
  // The address as a number, since a pointer is not Sendable. Owned by this object alone, freed in `deinit`.
  private let bits: UInt

  /// Takes the key over.
  init(_ pointer: OpaquePointer) { bits = UInt(bitPattern: pointer) }

  // Safe: it is valid as long as this object is.
  var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: bits) }

  deinit { unsafe EVP_PKEY_free(pointer) }
}

/// Lends a context for one digest. What a failure leaves in OpenSSL's list of errors goes: connections of this thread read it.
@unsafe func withDigestContext<Result>(_ body: (OpaquePointer) -> Result) -> Result {
  guard let context = unsafe EVP_MD_CTX_new() else { fatalError("out of memory") }
  defer {
    unsafe EVP_MD_CTX_free(context)
    ERR_clear_error()
  }
  return unsafe body(context)
}

extension SignatureDigest {
  /// A constant of OpenSSL's.
  var algorithm: OpaquePointer? {
    switch self {
    case .sha256: unsafe EVP_sha256()
    case .sha384: unsafe EVP_sha384()
    case .sha512: unsafe EVP_sha512()
    }
  }
}

extension SignatureDigest {
  /// The digest of `bytes`.
  package func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 64)
    var count: UInt32 = 0
    // Safe: 64 bytes are as many as the longest digest has; the arrays are used for the call alone.
    guard unsafe EVP_Digest(bytes, bytes.count, &digest, &count, algorithm, nil) == 1 else { fatalError("a digest is not available") }
    return Array(digest.prefix(Int(count)))
  }
}
