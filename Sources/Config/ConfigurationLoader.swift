/// What came of reading gateway.conf.
package struct LoadedConfiguration: Sendable {
  /// `nil` if there is any error.
  package var configuration: Configuration?
  /// What could be read, whatever else is wrong: to look for further faults in.
  package var readable: Configuration?
  /// Errors and warnings in file order. Warnings are shown at start-up too.
  package var diagnostics: [Diagnostic]

  package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
  package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}

/// Where the running gateway may be asked.
package enum AdminPlace: Sendable, Equatable {
  /// An absolute path.
  case at(String)
  /// The file names none.
  case unnamed
  /// The file cannot be read as far as that; what is wrong.
  case unknown([Diagnostic])
}

/// Reads gateway.conf and everything that it names, and finds every fault in one pass.
package enum ConfigurationLoader {
  /// - Parameters:
  ///   - path: the file as the operator named it; messages name it so.
  ///   - environment: for `env:` values.
  package static func load(path: String, files: FileAccess, environment: [String: String]) -> LoadedConfiguration {
    var context = LoadContext(files: files, environment: environment)
    let start = Position(file: path, line: 0, column: 0)
    var configuration: Configuration?
    switch context.parse(file: path) {
    case .success(let parsed):
      var include = Include()
      let directives = include.expand(parsed, stack: [files.absolute(path)], context: &context)
      configuration = TopLevelReader.read(directives, at: start, context: &context)
    case .failure(let failure):
      context.error(start, "the configuration cannot be read: \(failure.reason) (name it with --config FILE)")
    }
    let diagnostics = context.sorted
    let isGood = !diagnostics.contains { $0.severity == .error }
    return LoadedConfiguration(configuration: isGood ? configuration : nil, readable: configuration, diagnostics: diagnostics)
  }

  /// Finds the admin socket that a file names, whatever else is wrong in it.
  package static func adminPlace(path: String, files: FileAccess, environment: [String: String]) -> AdminPlace {
    var context = LoadContext(files: files, environment: environment)
    let start = Position(file: path, line: 0, column: 0)
    guard case .success(let parsed) = context.parse(file: path) else {
      context.error(start, "the configuration cannot be read (name it with --config FILE)")
      return .unknown(context.sorted)
    }
    var include = Include()
    let directives = include.expand(parsed, stack: [files.absolute(path)], context: &context)
    let faults = context.sorted.filter { $0.severity == .error }
    guard let directive = directives.first(where: { $0.name == "admin" }) else { return faults.isEmpty ? .unnamed : .unknown(faults) }
    let reader = BlockReader([directive], kind: .top, context: &context)
    guard let value = reader.first("admin")?.values[0], context.isPath(value) else {
      return .unknown(context.sorted.filter { $0.severity == .error })
    }
    return .at(files.absolute(value.path))
  }
}
