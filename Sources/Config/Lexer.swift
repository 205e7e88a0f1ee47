/// Cuts one configuration file into tokens.
///
/// It works on bytes and goes on after a fault, so that one pass finds them all.
struct Lexer {
  enum Kind: Equatable {
    case word(String)
    case quoted(String)
    case openBrace
    case closeBrace
    case semicolon
    case newline
    case endOfFile
  }

  struct Token: Equatable {
    var kind: Kind
    var position: Position
    /// A fault inside it was reported.
    var isFaulty = false
  }

  struct Fault: Equatable {
    var position: Position
    var message: String
  }

  private let bytes: [UInt8]
  private let file: String
  private var index = 0
  private var line = 1
  private var column = 1
  private(set) var faults: [Fault] = []

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    if String(validating: bytes, as: UTF8.self) == nil {
      faults.append(Fault(position: firstInvalid(), message: "these bytes are not UTF-8 (save the file as UTF-8)"))
    }
  }

  /// The next token; `endOfFile` for ever at the end.
  mutating func next() -> Token {
    skipBlanksAndComment()
    let position = here
    guard index < bytes.count else { return Token(kind: .endOfFile, position: position) }
    switch bytes[index] {
    case UInt8(ascii: "\n"):
      advance()
      return Token(kind: .newline, position: position)
    case UInt8(ascii: ";"):
      advance()
      return Token(kind: .semicolon, position: position)
    case UInt8(ascii: "{"):
      advance()
      return Token(kind: .openBrace, position: position)
    case UInt8(ascii: "}"):
      advance()
      return Token(kind: .closeBrace, position: position)
    case UInt8(ascii: "\""):
      return quotedString()
    default:
      return word()
    }
  }

  private var here: Position { Position(file: file, line: line, column: column) }

  private mutating func advance() {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if index < bytes.count, bytes[index] & 0xC0 == 0x80 {
      // The next byte continues this character.
    } else {
      column += 1
    }
  }

  private mutating func skipBlanksAndComment() {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        advance()
      case UInt8(ascii: "\r") where index + 1 >= bytes.count || bytes[index + 1] == UInt8(ascii: "\n"):
        advance()
      case UInt8(ascii: "#"):
        // Nothing on the line needs a column any more.
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      default:
        return
      }
    }
  }

  /// Whether a token ends before `index`.
  private var atBoundary: Bool {
    guard !atLineEnd else { return true }
    switch bytes[index] {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}"): return true
    default: return false
    }
  }

  private var atLineEnd: Bool {
    guard index < bytes.count else { return true }
    if bytes[index] == UInt8(ascii: "\r") { return index + 1 >= bytes.count || bytes[index + 1] == UInt8(ascii: "\n") }
    return bytes[index] == UInt8(ascii: "\n")
  }

  private mutating func word() -> Token {
    let start = index
    let position = here
    let before = faults.count
    while !atBoundary || isPlaceholder(after: start) {
      if bytes[index] == UInt8(ascii: "{") {
        // Known to end on this line.
        while bytes[index] != UInt8(ascii: "}") { advance() }
      }
      if bytes[index] == UInt8(ascii: "\""), faults.count == before {
        faults.append(Fault(position: here, message: "a quote in the middle of a word (put the whole argument in quotes)"))
      }
      checkControl()
      advance()
    }
    return Token(
      kind: .word(String(decoding: bytes[start..<index], as: UTF8.self)), position: position, isFaulty: faults.count > before)
  }

  /// Whether `{name}` stands at `index`, right behind what of an address begins at `start`: no block begins there, since a name alone is no
  /// directive.
  private func isPlaceholder(after start: Int) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{"), bytes[start..<index].contains(UInt8(ascii: "/")) else { return false }
    let name = bytes[(index + 1)...].prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") }
    return !name.isEmpty && name.endIndex < bytes.count && bytes[name.endIndex] == UInt8(ascii: "}")
  }

  private mutating func quotedString() -> Token {
    let position = here
    let before = faults.count
    var text: [UInt8] = []
    advance()
    while !atLineEnd, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\") {
        escape(into: &text)
      } else {
        checkControl()
        text.append(bytes[index])
        advance()
      }
    }
    if !atLineEnd {
      advance()
      skipTextAfterQuote()
    } else {
      faults.append(Fault(position: position, message: "this quoted string does not end on its line (close it with \")"))
    }
    return Token(kind: .quoted(String(decoding: text, as: UTF8.self)), position: position, isFaulty: faults.count > before)
  }

  private mutating func escape(into text: inout [UInt8]) {
    let position = here
    advance()
    guard !atLineEnd else { return }
    switch bytes[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(bytes[index])
    case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
    default:
      faults.append(Fault(position: position, message: #"an unknown escape (in quotes there are \", \\ and \n; write \\ for a backslash)"#))
    }
    advance()
  }

  private mutating func skipTextAfterQuote() {
    guard !atBoundary, bytes[index] != UInt8(ascii: "#") else { return }
    faults.append(Fault(position: here, message: "text directly after a quoted string (put a blank between them)"))
    while !atBoundary { advance() }
  }

  private mutating func checkControl() {
    let byte = bytes[index]
    guard byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F else { return }
    faults.append(Fault(position: here, message: "a control character (remove it)"))
  }

  /// Where the first byte stands that is not UTF-8.
  private func firstInvalid() -> Position {
    var position = Position(file: file, line: 1, column: 1)
    var decoder = UTF8()
    var iterator = bytes[index...].makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      if scalar == "\n" {
        position.line += 1
        position.column = 1
      } else {
        position.column += 1
      }
    }
    return position
  }
}
