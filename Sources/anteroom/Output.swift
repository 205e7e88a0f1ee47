import Glibc

/// Lines for people, on standard output and standard error.
enum Output {
  static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Without a new line, on standard error: standard output may be a file.
  static func prompt(_ text: String) { write([UInt8](text.utf8), to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    write([UInt8]((text.hasSuffix("\n") ? text : text + "\n").utf8), to: descriptor)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Safe: the pointer lives for the call, and the count is the slice's.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
