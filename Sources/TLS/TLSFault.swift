import COpenSSL

/// Why certificates or keys cannot be used, in words for an operator, with the mend in parentheses where there is one.
package struct TLSFault: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// OpenSSL's list of errors, one for each thread.
enum ErrorQueue {
  /// An operation's outcome is told by what the queue has after it: so it begins with an empty one.
  static func clear() { ERR_clear_error() }

  /// Takes everything out; the answer is the number of the first error, which is the cause, or 0.
  static func drain() -> UInt {
    let first = ERR_get_error()
    ERR_clear_error()
    return UInt(first)
  }

  /// The reason in OpenSSL's own few words.
  static func reason(_ code: UInt) -> String {
    guard code != 0 else { return "no reason given" }
    // Safe: the answer is a constant of OpenSSL's, or none.
    guard let text = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// What a number means, without the library that it came from.
  static func reasonNumber(_ code: UInt) -> Int32 { Int32(code & 0x7F_FFFF) }
}
