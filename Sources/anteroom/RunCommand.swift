import Config
import EventLoop
import Gateway

/// `anteroom run`: the gateway, in the foreground, until a signal ends it.
enum RunCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("run takes --config FILE and nothing else") }
    let inheritance = Inheritance.take()
    Signals.block()
    let loaded = ConfigurationOption.load(path)
    guard let configuration = loaded.configuration else { return refuse(loaded.diagnostics, inheritance) }
    let certificates = CertificateCheck.diagnostics(configuration)
    guard !certificates.contains(where: { $0.severity == .error }) else { return refuse(loaded.diagnostics + certificates, inheritance) }
    do throws(StartFault) {
      serve(
        try Gateway(
          configuration, warnings: loaded.warnings + certificates, version: Anteroom.version, inheritance: inheritance
        ) { ConfigurationOption.check(path) })
      return .fine
    } catch {
      if let predecessor = inheritance.predecessor { predecessor.refuse(isConfiguration: false, "\(error)") }
      Output.error("anteroom: \(error)")
      return .failure
    }
  }

  /// - Returns: the exit code, once everything that is wrong was told, also to a process that wanted to hand over.
  private static func refuse(_ diagnostics: [Diagnostic], _ inheritance: Inheritance) -> ExitCode {
    let lines = diagnostics.map { "\($0)\n" }.joined()
    Output.error(lines)
    inheritance.predecessor?.refuse(isConfiguration: true, lines)
    return .configuration
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
