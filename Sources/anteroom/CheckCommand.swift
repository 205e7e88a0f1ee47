import Config
import EventLoop
import Gateway
import Login
import Session

/// `anteroom check`: every fault of the configuration in one pass.
enum CheckCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("check takes --config FILE and nothing else") }
    let loaded = ConfigurationOption.load(path)
    var diagnostics = loaded.diagnostics
    if let configuration = loaded.configuration {
      diagnostics += accountFaults(configuration) + keyFaults(configuration) + CertificateCheck.diagnostics(configuration)
    }
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

  /// Accounts that cannot sign in. The gateway runs without them, so they are warnings.
  private static func accountFaults(_ configuration: Configuration) -> [Diagnostic] {
    Set(configuration.sites.map(\.login.users)).sorted().flatMap { file -> [Diagnostic] in
      guard case .success(let bytes) = SystemFiles.access.read(file, 64 << 20) else { return [] }
      return AccountsFile(bytes, file: file).faults.map { fault in
        Diagnostic(.warning, file: fault.file, line: fault.line, column: fault.column, fault.message)
      }
    }
  }

  private static func keyFaults(_ configuration: Configuration) -> [Diagnostic] {
    do throws(KeyRingError) {
      try KeyRingDirectory.check(path: configuration.keys, now: System.wallMilliseconds() / 1000)
      return []
    } catch {
      return [Diagnostic(.error, file: configuration.keys, line: 0, column: 0, "\(error)")]
    }
  }
}
