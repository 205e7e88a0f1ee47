import Crypto

/// A password to be checked against a hash, away from the event loop: it takes tens of milliseconds or more.
package struct PasswordCheck: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  let password: Secret
  let hash: String

  /// Whether the password is the one the hash was made from.
  package func run() -> Bool {
    var bytes: [UInt8] = password.withBytes { span in
      var copy: [UInt8] = []
      copy.reserveCapacity(span.count)
      for i in 0..<span.count { copy.append(span[i]) }
      return copy
    }
    defer { Self.overwrite(&bytes) }
    return PasswordHash.verify(bytes, against: hash)
  }

  /// Without the password and the hash.
  package var description: String { "PasswordCheck" }
  package var debugDescription: String { description }

  /// Not inlined, so that the stores stay although nobody reads them.
  @inline(never)
  private static func overwrite(_ bytes: inout [UInt8]) {
    for i in bytes.indices { bytes[i] = 0 }
  }
}
