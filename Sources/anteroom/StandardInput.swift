import Glibc

/// Lines of standard input, byte by byte into memory that is wiped.
enum StandardInput {
  static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

  /// How a line ended.
  enum End: Equatable {
    case newline
    /// Nothing comes after it.
    case endOfInput
    /// The value is `errno`; `EINTR` when a signal came.
    case failed(Int32)
  }

  /// Reads up to the end of a line, which is not kept. One byte at a time, so that what follows is left to whoever reads next.
  static func readLine(into password: NewPassword) -> End {
    var byte: UInt8 = 0
    // Safe: one byte of our own; it held the last character.
    defer { unsafe explicit_bzero(&byte, 1) }
    while true {
      // Safe: one byte is written into a variable of one byte.
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      let code = errno
      if count < 0 { return .failed(code) }
      if count == 0 { return .endOfInput }
      if byte == UInt8(ascii: "\n") { return .newline }
      password.append(byte)
    }
  }
}
