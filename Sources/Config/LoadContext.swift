/// What every reader needs: the files, the environment, and the place for what is wrong.
struct LoadContext {
  /// Bytes of one configuration file.
  static let fileLimit = 1 << 20
  /// Bytes of a file that a `file:` value names.
  static let valueFileLimit = 64 << 10

  let files: FileAccess
  let environment: [String: String]
  /// Configuration files in the order in which they were first read.
  private(set) var fileOrder: [String: Int] = [:]
  private(set) var diagnostics: [Diagnostic] = []

  init(files: FileAccess, environment: [String: String]) {
    self.files = files
    self.environment = environment
  }

  mutating func error(_ position: Position, _ message: String) { add(.error, position, message) }

  mutating func warning(_ position: Position, _ message: String) { add(.warning, position, message) }

  private mutating func add(_ severity: Diagnostic.Severity, _ position: Position, _ message: String) {
    diagnostics.append(Diagnostic(severity, file: position.file, line: position.line, column: position.column, message))
  }

  /// Errors and warnings in file order; those without a line come last within their file.
  var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { a, b in
      let left = key(a.element, a.offset)
      let right = key(b.element, b.offset)
      return left.lexicographicallyPrecedes(right)
    }.map(\.element)
  }

  private func key(_ diagnostic: Diagnostic, _ offset: Int) -> [Int] {
    [fileOrder[diagnostic.file] ?? Int.max, diagnostic.line == 0 ? Int.max : diagnostic.line, diagnostic.column, offset]
  }

  /// Reads and parses one configuration file. `nil` and no diagnostic of its own when it cannot be read: the caller knows where it was named.
  mutating func parse(file: String) -> Result<[Directive], FileAccess.Failure> {
    files.read(files.absolute(file), Self.fileLimit).map { bytes in
      if fileOrder[file] == nil { fileOrder[file] = fileOrder.count }
      let (directives, faults) = Parser.parse(bytes, file: file)
      for fault in faults { error(fault.position, fault.message) }
      return directives
    }
  }

  /// What an argument stands for: itself, or what `env:` or `file:` name. `nil` after a diagnostic.
  mutating func value(of argument: Argument) -> Value? {
    let text: String?
    if argument.text.hasPrefix("env:") {
      text = fromEnvironment(String(argument.text.dropFirst(4)), argument)
    } else if argument.text.hasPrefix("file:") {
      text = fromFile(String(argument.text.dropFirst(5)), argument)
    } else {
      return Value(text: argument.text, shown: argument.text, position: argument.position)
    }
    return text.map { Value(text: $0, shown: argument.text, position: argument.position) }
  }

  private mutating func fromEnvironment(_ name: String, _ argument: Argument) -> String? {
    guard let text = environment[name] else {
      error(argument.position, "the environment variable `\(name)` is not set (set it, or write the value here)")
      return nil
    }
    guard !text.isEmpty else {
      error(argument.position, "the environment variable `\(name)` is empty (give it a value)")
      return nil
    }
    return text
  }

  private mutating func fromFile(_ name: String, _ argument: Argument) -> String? {
    guard !name.isEmpty else {
      error(argument.position, "`file:` without a path (write `file:/path/to/secret`)")
      return nil
    }
    let path = files.absolute(argument.position.resolve(name))
    if case .success(let status) = files.status(path), status.kind == .file, status.othersMayRead {
      error(argument.position, "every user of this machine may read \(path) (chmod o-r \(path))")
      return nil
    }
    switch files.read(path, Self.valueFileLimit) {
    case .failure(let failure):
      error(argument.position, "\(path) cannot be read: \(failure.reason) (its first line is the value)")
      return nil
    case .success(let bytes):
      let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
      guard let text = String(validating: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self) else {
        error(argument.position, "the first line of \(path) is not UTF-8 (it is the value)")
        return nil
      }
      guard !text.isEmpty else {
        error(argument.position, "the first line of \(path) is empty (it is the value)")
        return nil
      }
      return text
    }
  }
}

/// An argument after `env:` and `file:` were followed.
struct Value: Equatable {
  var text: String
  /// As it is written in the file: what messages show, so that no secret gets into them.
  var shown: String
  var position: Position

  /// The path that it names, still relative to where the gateway runs if the configuration file's own name is.
  var path: String { position.resolve(text) }
}

extension Position {
  /// A path that is written at this position: relative ones start where the file stands.
  func resolve(_ path: String) -> String { path.utf8.first == UInt8(ascii: "/") ? path : folder + path }
}
