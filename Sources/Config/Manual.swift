/// The product's manual, made from the table of directives and a few topics of its own.
package enum Manual {
  package struct Topic: Sendable, Equatable {
    package var name: String
    /// One line.
    package var summary: String
  }

  /// Every topic that `text(topic:)` answers: the written ones first, then the directives in their order, each name once.
  package static func topics() -> [Topic] {
    var topics = ManualTopics.all.map { Topic(name: $0.name, summary: $0.summary) }
    for directive in DirectiveTable.all where !topics.contains(where: { $0.name == directive.name }) {
      topics.append(Topic(name: directive.name, summary: directive.summary))
    }
    return topics
  }

  /// One topic's text, ending with a newline; `nil` if there is none of that name (case does not matter).
  package static func text(topic: String) -> String? {
    let name = topic.lowercased()
    var parts = DirectiveTable.named(name).map(directive)
    if let topic = ManualTopics.all.first(where: { $0.name == name }) { parts.append("\(topic.title)\n\n\(topic.text)\n") }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  /// The topic that was probably meant.
  package static func nearest(topic: String) -> String? { NearestName.of(topic, among: topics().map(\.name)) }

  /// What there is to read, ending with a newline.
  package static func overview() -> String {
    var text = "Topics (anteroom help TOPIC):\n\n"
    for topic in ManualTopics.all { text += row(topic.name, topic.summary) }
    text += "\nDirectives of gateway.conf (anteroom help DIRECTIVE):\n"
    for block in BlockKind.allCases {
      let directives = DirectiveTable.directives(in: block).filter { $0.name != "include" || block == .top }
      guard !directives.isEmpty else { continue }
      text += block == .top ? "\nAt the top level:\n" : "\nIn \(block.title):\n"
      for directive in directives { text += row(directive.name, directive.summary) }
    }
    return text
  }

  /// A name and its line, the line's own continuation lines indented below it.
  private static func row(_ name: String, _ summary: String) -> String {
    let lines = ManualText.wrap(summary, width: 58).split(separator: "\n")
    let padding = String(repeating: " ", count: max(1, 18 - name.count))
    return "  \(name)\(padding)" + lines.joined(separator: "\n" + String(repeating: " ", count: 20)) + "\n"
  }

  private static func directive(_ directive: DirectiveDescription) -> String {
    var text = ManualText.wrap("\(directive.name): \(directive.summary)") + "\n\n"
    text += "  Syntax:   \(directive.syntax)\n"
    if let fallback = directive.fallback { text += "  Default:  \(fallback)\n" }
    let places =
      directive.blocks.count == BlockKind.allCases.count
      ? "the top level and every block" : directive.blocks.map(\.title).joined(separator: ", ")
    text += "  Place:    \(places)\n"
    text += "  Repeats:  \(directive.isRepeatable ? "yes" : "no")\n"
    if !directive.text.isEmpty { text += "\n\(directive.text)\n" }
    for opens in directive.opens {
      let inner = DirectiveTable.directives(in: opens).filter { $0.name != "include" }
      guard !inner.isEmpty else { continue }
      text += directive.opens.count == 1 ? "\nIn its block:\n" : "\nIn the block of \(opens.title):\n"
      for entry in inner { text += row(entry.name, entry.summary) }
    }
    return text
  }
}

/// Wrapping of plain text.
enum ManualText {
  /// Every paragraph wrapped; paragraphs are parted by empty lines.
  static func reflow(_ text: String) -> String {
    text.split(separator: "\n\n").map { wrap(String($0)) }.joined(separator: "\n\n")
  }

  /// Lines of at most `width` characters, broken at blanks; without a final newline.
  static func wrap(_ text: String, width: Int = 80) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
