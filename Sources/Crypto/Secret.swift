import COpenSSL

/// Key material that is wiped from memory when its last reference goes.
///
/// The bytes never appear in descriptions, logs or errors.
package final class Secret: Sendable, CustomStringConvertible {
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    // A buffer of our own: the caller's copy must not be wiped with ours.
    self.bytes = bytes.map { $0 }
  }

  /// `count` bytes that `fill` writes, all of them.
  @unsafe init(count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    unsafe bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// The number of bytes held.
  package var count: Int { bytes.count }

  package var description: String { "Secret(\(bytes.count) bytes)" }

  /// Lends the bytes to `body`, which must not keep them.
  package func withBytes<R>(_ body: (Span<UInt8>) throws -> R) rethrows -> R {
    let bytes = bytes
    return try body(bytes.span)
  }

  /// `count` bytes from the system's generator.
  package static func random(count: Int) -> Secret { Secret(Random.bytes(count)) }

  deinit {
    // Safe: this object alone owns the array, which is about to be freed; the pointer lives for this one call.
    unsafe bytes.withUnsafeBufferPointer { pointer in
      if let base = pointer.baseAddress {
        unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: base), pointer.count)
      }
    }
  }
}
