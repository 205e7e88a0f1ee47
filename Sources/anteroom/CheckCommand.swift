import Config
import Gateway

/// `anteroom check`: every fault of the configuration in one pass; with `--online` also those of the providers and checkers that it names.
enum CheckCommand {
  static func run(_ options: [String]) -> ExitCode {
    let others = options.filter { $0 != "--online" }
    guard options.count - others.count <= 1, let path = ConfigurationOption.path(others) else {
      return Anteroom.usage("check takes --config FILE and --online, and nothing else")
    }
    let loaded = ConfigurationOption.check(path)
    var diagnostics = loaded.diagnostics
    for diagnostic in diagnostics { Output.error("\(diagnostic)") }
    if options.count > others.count, let configuration = loaded.configuration {
      let report = ProviderCheck.report(configuration.sites, configuration.listeners)
      for diagnostic in report.diagnostics { Output.error("\(diagnostic)") }
      for line in report.lines { Output.line(line) }
      diagnostics += report.diagnostics
    }
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
