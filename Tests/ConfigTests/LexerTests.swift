import Testing

@testable import Config

@Suite struct LexerTests {
  private func tokens(_ text: String) -> (kinds: [Lexer.Kind], faults: [Lexer.Fault]) { tokens([UInt8](text.utf8)) }

  private func tokens(_ bytes: [UInt8]) -> (kinds: [Lexer.Kind], faults: [Lexer.Fault]) {
    var lexer = Lexer(bytes, file: "f")
    var kinds: [Lexer.Kind] = []
    while true {
      let token = lexer.next()
      if token.kind == .endOfFile { return (kinds, lexer.faults) }
      kinds.append(token.kind)
    }
  }

  @Test("a name in braces right within an address belongs to it; elsewhere a brace begins a block")
  func placeholders() {
    #expect(tokens("a https://x/?rd={url}&y {").kinds == [.word("a"), .word("https://x/?rd={url}&y"), .openBrace])
    #expect(tokens("/x{patient_id}").kinds == [.word("/x{patient_id}")])
    for text in ["a{url}", "/x{url }", "/x{}", "/x{a;}", "/x{", "/x{U}", "/x {url}", "/x{url"] {
      #expect(tokens(text).kinds.contains(.openBrace), "\(text)")
    }
  }

  @Test("words, braces, semicolons and new lines are told apart")
  func kinds() {
    #expect(
      tokens("a b{c;}\n").kinds == [.word("a"), .word("b"), .openBrace, .word("c"), .semicolon, .closeBrace, .newline])
  }

  @Test("a comment begins where a word could begin, and not within one")
  func comments() {
    #expect(tokens("a # b\n#c\nd#e").kinds == [.word("a"), .newline, .newline, .word("d#e")])
    #expect(tokens("\"a\"# b").kinds == [.quoted("a")])
  }

  @Test("quoted strings hold blanks, comments and braces, and the three escapes")
  func quotes() {
    #expect(tokens(#""a # { } ; b" "\"\\\n" """#).kinds == [.quoted("a # { } ; b"), .quoted("\"\\\n"), .quoted("")])
  }

  @Test("lines may end in CR LF, and a byte order mark is skipped")
  func lineEnds() {
    #expect(tokens([0xEF, 0xBB, 0xBF] + Array("a\r\nb\r".utf8)).kinds == [.word("a"), .newline, .word("b")])
  }

  @Test(
    "each fault is reported where it stands",
    arguments: [
      ("a \"b", 3, "does not end on its line"), ("a \"b\\", 3, "does not end on its line"), ("a \"b\r\n", 3, "does not end on its line"),
      ("a \"b\"c", 6, "directly after a quoted string"), ("a b\"c\"", 4, "in the middle of a word"), ("\"a\\t\"", 3, "unknown escape"),
      ("a b\u{1}", 4, "control character"), ("a \"b\0\"", 5, "control character"), ("a \rb", 3, "control character"),
      ("é é\u{7F}", 4, "control character"),
    ])
  func faults(_ text: String, _ column: Int, _ message: String) {
    let faults = tokens(text).faults
    #expect(faults.count == 1)
    #expect(faults.first?.position == Position(file: "f", line: 1, column: column))
    #expect(faults.first?.message.contains(message) == true)
  }

  @Test("bytes that are not UTF-8 are reported at the first of them")
  func encoding() {
    let faults = tokens(Array("a\nbé ".utf8) + [0xFF, 0x0A]).faults
    #expect(faults.map(\.position) == [Position(file: "f", line: 2, column: 4)])
  }

  @Test("columns count characters, not bytes")
  func columns() {
    var lexer = Lexer(Array("größe \"ü\" x".utf8), file: "f")
    #expect((0..<3).map { _ in lexer.next().position.column } == [1, 7, 11])
  }
}
