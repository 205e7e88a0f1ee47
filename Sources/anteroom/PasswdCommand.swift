/// `anteroom passwd FILE USER`
enum PasswdCommand {
  static func run(_ arguments: [String]) -> ExitCode { .failure }
}
