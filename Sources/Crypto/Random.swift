import COpenSSL

/// Random bytes from OpenSSL's generator, which the kernel seeds.
package enum Random {
  /// `count` unpredictable bytes. A generator that fails ends the process: nothing safe can be done without it.
  package static func bytes(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    // Safe: the pointer is valid for `count` bytes and is not kept.
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let base = buffer.baseAddress, unsafe RAND_bytes(base, Int32(count)) == 1 else {
        fatalError("the system's random generator failed")
      }
      initialized = count
    }
  }
}
