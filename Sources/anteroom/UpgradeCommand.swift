/// `anteroom upgrade`: has the running gateway start its program anew and hand over to it.
enum UpgradeCommand {
  static func run(_ options: [String]) -> ExitCode {
    guard let path = ConfigurationOption.path(options) else { return Anteroom.usage("upgrade takes --config FILE and nothing else") }
    return AdminClient.ask(.upgrade, configuration: path)
  }
}
