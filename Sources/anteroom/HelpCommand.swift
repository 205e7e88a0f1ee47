import Config

/// `anteroom help [TOPIC]`: the manual.
enum HelpCommand {
  static let usage = """
    anteroom, a sign-in gateway for patient buttons

      anteroom run [--config gateway.conf]     run the gateway in the foreground
      anteroom check [--config gateway.conf]   find every fault of the configuration
      anteroom check --online                  as well as those of providers and checkers that it names
      anteroom demo [--port 8080]              see it work: a clinic, an app and the gateway between them, without any file
      anteroom passwd FILE USER                add an account or change its password
      anteroom status [--json]                 how the running gateway is
      anteroom reload                          bring a changed configuration into force, without dropping a connection
      anteroom upgrade                         have a new program take over, without dropping a connection
      anteroom version                         say which version this is
      anteroom help [TOPIC]                    the manual: commands, every directive, file formats

    """

  static func run(_ arguments: [String]) -> ExitCode {
    switch arguments.count {
    case 0:
      Output.line(usage)
      Output.line(Manual.overview())
      return .fine
    case 1:
      if let text = Manual.text(topic: arguments[0]) {
        Output.line(text)
        return .fine
      }
      let nearest = Manual.nearest(topic: arguments[0]).map { " (did you mean `\($0)`?)" } ?? ""
      Output.error("anteroom: the manual has no topic `\(arguments[0])`\(nearest)")
      return .usage
    default: return Anteroom.usage("help takes one topic")
    }
  }
}
