/// `anteroom status`: how the running gateway is.
enum StatusCommand {
  static func run(_ options: [String]) -> ExitCode {
    let isJSON = options.contains("--json")
    guard let path = ConfigurationOption.path(options.filter { $0 != "--json" }) else {
      return Anteroom.usage("status takes --json and --config FILE, and nothing else")
    }
    return AdminClient.ask(isJSON ? .statusJSON : .status, configuration: path)
  }
}
