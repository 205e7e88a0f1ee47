/// Key derivation, HKDF with SHA-256 (RFC 5869).
package enum HKDF {
  /// Derives `count` bytes (1...8160) for the purpose that `info` names.
  package static func derive(from secret: Secret, info: String, count: Int = 32) -> Secret {
    derive(from: secret, salt: [], info: [UInt8](info.utf8), count: count)
  }

  static func derive(from secret: Secret, salt: [UInt8], info: [UInt8], count: Int) -> Secret {
    let hmac = HMACSHA256()
    // Safe: all pointers live for their call; `output` is `count` bytes, all of which are written.
    return unsafe Secret(count: count) { output in
      secret.withBytes { secret in
        unsafe secret.withUnsafeBufferPointer { secret in
          unsafe salt.withUnsafeBufferPointer { salt in
            unsafe info.withUnsafeBufferPointer { info in unsafe derive(from: secret, salt: salt, info: info, using: hmac, into: output) }
          }
        }
      }
    }
  }

  /// Derives as many bytes as `output` has, 1...8160.
  @unsafe static func derive(
    from secret: UnsafeBufferPointer<UInt8>, salt: UnsafeBufferPointer<UInt8>, info: UnsafeBufferPointer<UInt8>, using hmac: HMACSHA256,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HMACSHA256.count) { key in
      guard let base = key.baseAddress else { fatalError("out of memory") }
      // The first step, extract; then the second one, expand.
      unsafe hmac.compute(key: salt, secret, into: base)
      unsafe expand(UnsafeBufferPointer(key), info: info, using: hmac, into: output)
      unsafe wipe(base, HMACSHA256.count)
    }
  }

  @unsafe static func expand(
    _ key: UnsafeBufferPointer<UInt8>, info: UnsafeBufferPointer<UInt8>, using hmac: HMACSHA256,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(output.count > 0 && output.count <= 255 * HMACSHA256.count)
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HMACSHA256.count + 1) { room in
      guard let block = room.baseAddress, let start = output.baseAddress else { fatalError("out of memory") }
      let counter = unsafe UnsafeBufferPointer(start: block + HMACSHA256.count, count: 1)
      var done = 0
      unsafe block[HMACSHA256.count] = 1
      while done < output.count {
        let last = unsafe UnsafeBufferPointer(start: block, count: done == 0 ? 0 : HMACSHA256.count)
        unsafe hmac.compute(key: key, last, info, counter, into: block)
        let count = min(HMACSHA256.count, output.count - done)
        unsafe (start + done).update(from: block, count: count)
        done += count
        unsafe block[HMACSHA256.count] &+= 1
      }
      unsafe wipe(block, HMACSHA256.count + 1)
    }
  }
}
