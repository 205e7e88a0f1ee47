import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
  /// The 32-byte digest of `bytes`.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    // Safe: both pointers live for the call and are as long as OpenSSL is told.
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, initialized in
      _ = unsafe COpenSSL.SHA256(bytes, bytes.count, out.baseAddress)
      initialized = 32
    }
  }
}
