import Config
import EventLoop
import Gateway

/// `anteroom run`: the gateway, in the foreground, until a signal ends it.
enum RunCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("run takes --config FILE and nothing else") }
    Signals.block()
    let loaded = ConfigurationOption.load(path)
    guard let configuration = loaded.configuration else {
      for diagnostic in loaded.diagnostics { Output.error("\(diagnostic)") }
      return .configuration
    }
    let certificates = CertificateCheck.diagnostics(configuration)
    guard !certificates.contains(where: { $0.severity == .error }) else {
      for diagnostic in loaded.diagnostics + certificates { Output.error("\(diagnostic)") }
      return .configuration
    }
    do throws(StartFault) {
      serve(
        try Gateway(configuration, warnings: loaded.warnings + certificates, version: Anteroom.version) { ConfigurationOption.check(path) })
      return .fine
    } catch {
      Output.error("anteroom: \(error)")
      return .failure
    }
  }

  /// Waits for signals until one ends the gateway.
  static func serve(_ gateway: Gateway) {
    while true {
      switch Signals.wait() {
      case .terminate:
        gateway.stop()
        return
      case .reopen: gateway.reopenLogs()
      case .reload: gateway.reloadSoon()
      case nil: continue
      }
    }
  }
}
