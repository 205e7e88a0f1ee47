/// `anteroom reload`: has the running gateway read its configuration anew.
enum ReloadCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("reload takes --config FILE and nothing else") }
    return AdminClient.ask(.reload, configuration: path)
  }
}
