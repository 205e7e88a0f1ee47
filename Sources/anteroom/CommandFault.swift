import Glibc

/// Why a command could not do what it is for: what is wrong, and the mend in parentheses.
struct CommandFault: Error, CustomStringConvertible {
  let description: String

  /// A text that has its mend.
  init(_ description: String) { self.description = description }

  init(_ what: String, _ mend: String) { description = "\(what) (\(mend))" }

  /// - Parameter code: `errno`.
  init(_ what: String, _ code: Int32, _ mend: String) {
    // Safe: strerror's answer is copied at once.
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    self.init("\(what): \(reason)", mend)
  }
}
