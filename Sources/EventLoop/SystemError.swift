import Glibc

/// A system call that failed.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The call's name, as in its manual page.
  package let call: StaticString
  /// The value of `errno`.
  package let code: Int32

  package init(_ call: StaticString, _ code: Int32) {
    self.call = call
    self.code = code
  }

  package static func == (a: SystemError, b: SystemError) -> Bool { a.code == b.code && "\(a.call)" == "\(b.call)" }

  /// `call: what errno means`
  package var description: String {
    // Safe: strerror's answer is copied at once; glibc keeps it in thread-local or constant memory.
    guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
    return unsafe "\(call): \(String(cString: text))"
  }
}
