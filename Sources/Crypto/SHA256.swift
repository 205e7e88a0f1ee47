import COpenSSL

/// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104).
package enum SHA256 {
  /// The 32-byte digest of `bytes`.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    // Safe: both pointers live for the call and are as long as OpenSSL is told.
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, initialized in
      _ = unsafe COpenSSL.SHA256(bytes, bytes.count, out.baseAddress)
      initialized = 32
    }
  }

  /// The 32-byte HMAC of `bytes` under `key`.
  package static func hmac(key: Secret, _ bytes: [UInt8]) -> [UInt8] {
    key.withBytes { key in
      // Safe: all pointers live for the call and are as long as OpenSSL is told.
      unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, initialized in
        var length: UInt32 = 32
        unsafe key.withUnsafeBytes { key in
          _ = unsafe HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), bytes, bytes.count, out.baseAddress, &length)
        }
        initialized = 32
      }
    }
  }
}
