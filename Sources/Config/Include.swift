/// Puts the directives of other files in the place of each `include`.
struct Include {
  static let depthLimit = 10
  static let fileLimit = 500

  private var filesRead = 0

  /// `directives`, with every `include` in them and in their blocks replaced.
  /// - Parameter stack: the absolute paths of the files that are being read, outermost first.
  mutating func expand(_ directives: [Directive], stack: [String], context: inout LoadContext) -> [Directive] {
    var expanded: [Directive] = []
    for var directive in directives {
      if directive.name == "include" {
        expanded += included(by: directive, stack: stack, context: &context)
      } else {
        if let block = directive.block { directive.block = expand(block, stack: stack, context: &context) }
        expanded.append(directive)
      }
    }
    return expanded
  }

  private mutating func included(by directive: Directive, stack: [String], context: inout LoadContext) -> [Directive] {
    guard !directive.isFaulty else { return [] }
    guard directive.arguments.count == 1, directive.block == nil else {
      context.error(directive.position, "`include` takes one path or pattern, and no block (one `include` for each)")
      return []
    }
    guard let value = context.value(of: directive.arguments[0]) else { return [] }
    guard !value.text.isEmpty else {
      context.error(value.position, "`include` without a path (name a file, or a pattern such as sites/*.conf)")
      return []
    }
    guard stack.count <= Self.depthLimit else {
      context.error(directive.position, "more than \(Self.depthLimit) files include each other (let one file include the others)")
      return []
    }
    guard Glob.isPattern(value.text) else { return read(value.path, value, stack, &context, isNamed: true) }
    return Glob.matches(value.path, files: context.files).flatMap { read($0, value, stack, &context, isNamed: false) }
  }

  private mutating func read(_ file: String, _ value: Value, _ stack: [String], _ context: inout LoadContext, isNamed: Bool) -> [Directive]
  {
    let path = context.files.absolute(file)
    if !isNamed, case .success(let status) = context.files.status(path), status.kind == .folder { return [] }
    guard !stack.contains(path) else {
      context.error(value.position, "\(file) includes itself (take it out of the pattern, or remove the line)")
      return []
    }
    filesRead += 1
    guard filesRead <= Self.fileLimit else {
      if filesRead == Self.fileLimit + 1 {
        context.error(value.position, "more than \(Self.fileLimit) files are included (put several sites into one file)")
      }
      return []
    }
    switch context.parse(file: file) {
    case .success(let directives):
      return expand(directives, stack: stack + [path], context: &context)
    case .failure(let failure):
      context.error(value.position, "\(file) cannot be included: \(failure.reason) (check the path)")
      return []
    }
  }
}
