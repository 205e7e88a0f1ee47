/// Reads tokens into a tree of directives. It knows the grammar, and no directive's meaning.
struct Parser {
  /// Blocks within blocks; nothing in the table needs more than four.
  static let depthLimit = 16

  private var lexer: Lexer
  private var token: Lexer.Token
  private var faults: [Lexer.Fault] = []

  private init(_ lexer: Lexer) {
    self.lexer = lexer
    token = self.lexer.next()
  }

  /// Every directive of the file, and every fault against the grammar.
  static func parse(_ bytes: [UInt8], file: String) -> (directives: [Directive], faults: [Lexer.Fault]) {
    var parser = Parser(Lexer(bytes, file: file))
    let directives = parser.directives(within: nil, depth: 0)
    return (directives, parser.lexer.faults + parser.faults)
  }

  private mutating func advance() { token = lexer.next() }

  private mutating func fault(_ position: Position, _ message: String) {
    faults.append(Lexer.Fault(position: position, message: message))
  }

  /// Directives up to the brace that closes `opener`, or to the end of the file.
  private mutating func directives(within opener: Position?, depth: Int) -> [Directive] {
    var list: [Directive] = []
    while true {
      switch token.kind {
      case .newline, .semicolon:
        advance()
      case .endOfFile:
        if let opener { fault(opener, "this block is never closed (add a `}` where it ends)") }
        return list
      case .closeBrace:
        guard opener == nil else {
          advance()
          return list
        }
        fault(token.position, "this `}` closes nothing (remove it, or look for a missing `{` above)")
        advance()
      case .openBrace:
        strayBlock(after: &list, depth: depth)
      case .word, .quoted:
        list.append(directive(depth: depth))
      }
    }
  }

  private mutating func directive(depth: Int) -> Directive {
    var directive = Directive(name: "", position: token.position, isFaulty: token.isFaulty)
    switch token.kind {
    case .word(let text): directive.name = text
    case .quoted(let text):
      directive.name = text
      directive.isFaulty = true
      fault(token.position, "a directive's name stands without quotes (remove them)")
    default: break
    }
    advance()
    while true {
      switch token.kind {
      case .word(let text), .quoted(let text):
        directive.arguments.append(Argument(text: text, position: token.position))
        directive.isFaulty = directive.isFaulty || token.isFaulty
        advance()
      case .openBrace:
        directive.block = block(depth: depth + 1)
        return directive
      case .semicolon, .newline, .closeBrace, .endOfFile:
        return directive
      }
    }
  }

  private mutating func block(depth: Int) -> [Directive] {
    let opener = token.position
    advance()
    guard depth <= Self.depthLimit else {
      fault(opener, "more than \(Self.depthLimit) blocks within each other (no directive needs that)")
      skipBlock()
      return []
    }
    return directives(within: opener, depth: depth)
  }

  /// Goes behind the brace that matches the one just read.
  private mutating func skipBlock() {
    var open = 1
    while open > 0, token.kind != .endOfFile {
      if token.kind == .openBrace { open += 1 }
      if token.kind == .closeBrace { open -= 1 }
      advance()
    }
  }

  /// A `{` where a directive's name should be: most likely written on the line below its directive.
  private mutating func strayBlock(after list: inout [Directive], depth: Int) {
    if let last = list.indices.last, list[last].block == nil {
      fault(token.position, "a `{` on a line of its own (put it at the end of the line of `\(list[last].name)`)")
      list[last].block = block(depth: depth + 1)
    } else {
      fault(token.position, "a block without a directive (write the directive's name before the `{`)")
      _ = block(depth: depth + 1)
    }
  }
}
