import Config

/// `anteroom check`: every fault of the configuration in one pass.
enum CheckCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("check takes --config FILE and nothing else") }
    let loaded = ConfigurationOption.load(path)
    for diagnostic in loaded.diagnostics { Output.error("\(diagnostic)") }
    guard loaded.configuration != nil else {
      let count = loaded.errors.count
      Output.error("\(path): \(count) \(count == 1 ? "error" : "errors")")
      return .configuration
    }
    let count = loaded.warnings.count
    Output.line("\(path): good" + (count == 0 ? "" : ", with \(count) \(count == 1 ? "warning" : "warnings")"))
    return .fine
  }
}
