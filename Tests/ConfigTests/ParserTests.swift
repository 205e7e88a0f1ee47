import Testing

@testable import Config

@Suite struct ParserTests {
  private func parse(_ text: String) -> (directives: [Directive], faults: [Lexer.Fault]) { Parser.parse(Array(text.utf8), file: "f") }

  /// The tree as text, to compare shapes.
  private func shape(_ directives: [Directive]) -> String {
    directives.map { directive in
      let words = ([directive.name] + directive.arguments.map(\.text)).joined(separator: " ")
      return directive.block.map { "\(words){\(shape($0))}" } ?? words
    }.joined(separator: ";")
  }

  @Test(
    "directives end at a new line, a semicolon, or their block's brace",
    arguments: [
      ("a 1\nb 2", "a 1;b 2"), ("a 1; b 2", "a 1;b 2"), ("a { b 1; c }", "a{b 1;c}"), ("a { b { c } d }", "a{b{c};d}"),
      ("a{\n b\n}\nc", "a{b};c"), (";;a;;", "a"), ("a{}", "a{}"), ("", ""),
    ])
  func grammar(_ text: String, _ expected: String) {
    let (directives, faults) = parse(text)
    #expect(faults.isEmpty)
    #expect(shape(directives) == expected)
  }

  @Test(
    "parsing goes on after a fault, which is reported where it stands",
    arguments: [
      ("a {\n b", "a{b}", 1, 3, "never closed"), ("a }\nb", "a;b", 1, 3, "closes nothing"),
      ("a\n{ b }\nc", "a{b};c", 2, 1, "line of its own"),
      ("{ b }\nc", "c", 1, 1, "without a directive"), ("\"a\" b\nc", "a b;c", 1, 1, "without quotes"),
    ])
  func recovery(_ text: String, _ expected: String, _ line: Int, _ column: Int, _ message: String) {
    let (directives, faults) = parse(text)
    #expect(shape(directives) == expected)
    #expect(faults.map(\.position) == [Position(file: "f", line: line, column: column)])
    #expect(faults.first?.message.contains(message) == true)
  }

  @Test("blocks nest to a limit, and what is deeper is skipped whole")
  func depth() {
    let (directives, faults) = parse(String(repeating: "a {", count: 5000) + String(repeating: "}", count: 5000) + "\nb")
    #expect(directives.map(\.name) == ["a", "b"])
    #expect(faults.count == 1)
    #expect(faults.first?.position.column == 3 * (Parser.depthLimit + 1))
  }
}
