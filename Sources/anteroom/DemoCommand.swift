/// `anteroom demo`
enum DemoCommand {
  static func run(_ options: [String]) -> ExitCode { .failure }
}
