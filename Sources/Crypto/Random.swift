import COpenSSL

/// Random bytes from OpenSSL's generator, which the kernel seeds.
package enum Random {
  /// `count` unpredictable bytes. A generator that fails ends the process: nothing safe can be done without it.
  package static func bytes(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    // Safe: the pointer is valid for `count` bytes and is not kept.
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let base = buffer.baseAddress else { fatalError("out of memory") }
      unsafe fill(base, count)
      initialized = count
    }
  }

  /// Fills `count` bytes at `output`, which the caller owns.
  @unsafe static func fill(_ output: UnsafeMutablePointer<UInt8>, _ count: Int) {
    guard unsafe RAND_bytes(output, Int32(count)) == 1 else { fatalError("the system's random generator failed") }
  }
}
