import Glibc

/// The command line: `anteroom COMMAND [OPTIONS]`.
@main enum Anteroom {
  static let version = "0.1.0"

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(run(arguments).rawValue)
  }

  private static func run(_ arguments: [String]) -> ExitCode {
    guard let command = arguments.first else {
      Output.error(HelpCommand.usage)
      return .usage
    }
    let rest = Array(arguments.dropFirst())
    switch command {
    case "run": return RunCommand.run(rest)
    case "check": return CheckCommand.run(rest)
    case "demo": return DemoCommand.run(rest)
    case "passwd": return PasswdCommand.run(rest)
    case "version", "--version", "-V":
      guard rest.isEmpty else { return usage("version takes no arguments") }
      Output.line("anteroom \(version)")
      return .fine
    case "help", "--help", "-h": return HelpCommand.run(rest)
    case "status": return StatusCommand.run(rest)
    case "reload": return ReloadCommand.run(rest)
    case "upgrade": return UpgradeCommand.run(rest)
    case "audit":
      Output.error("anteroom: `\(command)` is not supported in this version")
      return .usage
    default: return usage("there is no command `\(command)`")
    }
  }

  /// Says what is wrong with the command line, and how it is used.
  static func usage(_ message: String) -> ExitCode {
    Output.error("anteroom: \(message) (see: anteroom help)")
    return .usage
  }
}
