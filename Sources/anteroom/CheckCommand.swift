import Config

/// `anteroom check`: every fault of the configuration in one pass.
enum CheckCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("check takes --config FILE and nothing else") }
    let loaded = ConfigurationOption.check(path)
    let diagnostics = loaded.diagnostics
    for diagnostic in diagnostics { Output.error("\(diagnostic)") }
    let errors = diagnostics.count { $0.severity == .error }
    guard errors == 0, loaded.configuration != nil else {
      Output.error("\(path): \(errors) \(errors == 1 ? "error" : "errors")")
      return .configuration
    }
    let count = diagnostics.count
    Output.line("\(path): good" + (count == 0 ? "" : ", with \(count) \(count == 1 ? "warning" : "warnings")"))
    return .fine
  }
}
