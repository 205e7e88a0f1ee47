/// One directive that may stand where it stands, with as many arguments as it takes, all of them resolved.
struct Entry {
  var description: DirectiveDescription
  var position: Position
  var values: [Value]
  var block: [Directive]?

  var name: String { description.name }
}

/// The directives of one block after the checks that need nothing but the table: known, in its place, supported, not given twice.
struct BlockReader {
  /// What the block's own reader looks at, in the order of the file.
  let entries: [Entry]
  /// Everything that was given, faulty or not, so that one fault is not reported as a missing directive as well.
  private let given: Set<String>

  init(_ directives: [Directive], kind: BlockKind, context: inout LoadContext) {
    var entries: [Entry] = []
    var first: [String: Position] = [:]
    var meant: Set<String> = []
    for directive in directives {
      guard let description = Self.describe(directive, in: kind, context: &context) else {
        // A misspelled directive is not missing as well.
        if let near = NearestName.of(directive.name, among: DirectiveTable.directives(in: kind).map(\.name)) { meant.insert(near) }
        continue
      }
      if let earlier = first[directive.name], !description.isRepeatable {
        context.error(
          directive.position, "`\(directive.name)` is given twice (the first is at \(earlier.shown(from: directive.position)); keep one)")
        continue
      }
      if first[directive.name] == nil { first[directive.name] = directive.position }
      guard !directive.isFaulty else { continue }
      if let entry = Self.entry(directive, description, context: &context) { entries.append(entry) }
    }
    self.entries = entries
    given = meant.union(first.keys)
  }

  /// The first directive of that name in a block, before anybody has read it.
  static func directive(_ name: String, in block: [Directive]?) -> Directive? { block?.first { $0.name == name } }

  func isGiven(_ name: String) -> Bool { given.contains(name) }

  func first(_ name: String) -> Entry? { entries.first { $0.name == name } }

  func all(_ name: String) -> [Entry] { entries.filter { $0.name == name } }

  /// The description, or `nil` after a diagnostic.
  private static func describe(_ directive: Directive, in kind: BlockKind, context: inout LoadContext) -> DirectiveDescription? {
    if let description = DirectiveTable.find(directive.name, in: kind) { return description }
    context.error(directive.position, unknown(directive.name, in: kind))
    return nil
  }

  /// The message for a name that means nothing in `kind`.
  static func unknown(_ name: String, in kind: BlockKind) -> String {
    let shown = String(name.prefix(60))
    let elsewhere = DirectiveTable.named(name).flatMap(\.blocks).filter { $0 != kind }
    if !elsewhere.isEmpty {
      let places = elsewhere.map(\.title).joined(separator: " or ")
      return "`\(shown)` does not belong in \(kind.title) (it belongs in \(places))"
    }
    let here = DirectiveTable.directives(in: kind).map(\.name)
    if let near = NearestName.of(name, among: here) {
      return "unknown directive `\(shown)` in \(kind.title) (did you mean `\(near)`?)"
    }
    if let near = NearestName.of(name, among: DirectiveTable.all.map(\.name)) {
      let places = DirectiveTable.named(near).flatMap(\.blocks).map(\.title).joined(separator: " or ")
      return "unknown directive `\(shown)` in \(kind.title) (did you mean `\(near)`? It belongs in \(places))"
    }
    let names = DirectiveTable.directives(in: kind).map(\.name).joined(separator: ", ")
    return "unknown directive `\(shown)` in \(kind.title) (known here: \(names))"
  }

  /// The directive with its arguments resolved, or `nil` after a diagnostic.
  private static func entry(_ directive: Directive, _ description: DirectiveDescription, context: inout LoadContext) -> Entry? {
    var isGood = true
    if !description.arguments.contains(directive.arguments.count) {
      context.error(directive.position, "\(count(description, directive.arguments.count)) (write `\(description.syntax)`)")
      isGood = false
    }
    switch (description.braces, directive.block) {
    case (.none, .some):
      context.error(directive.position, "`\(directive.name)` takes no block (write `\(description.syntax)`)")
      isGood = false
    case (.required, nil):
      context.error(directive.position, "`\(directive.name)` needs a block (write `\(description.syntax)`)")
      isGood = false
    default: break
    }
    guard isGood else { return nil }
    var values: [Value] = []
    for argument in directive.arguments {
      if let value = context.value(of: argument) { values.append(value) } else { isGood = false }
    }
    return isGood ? Entry(description: description, position: directive.position, values: values, block: directive.block) : nil
  }

  private static func count(_ description: DirectiveDescription, _ given: Int) -> String {
    let range = description.arguments
    let wanted =
      range.upperBound == 0
      ? "no argument"
      : range.lowerBound == range.upperBound
        ? (range.lowerBound == 1 ? "one argument" : "\(range.lowerBound) arguments")
        : "\(range.lowerBound) to \(range.upperBound) arguments"
    return "`\(description.name)` takes \(wanted), not \(given)"
  }
}

extension Position {
  /// How a message at `other` names this place.
  func shown(from other: Position) -> String { file == other.file ? "line \(line)" : "\(file):\(line)" }
}
