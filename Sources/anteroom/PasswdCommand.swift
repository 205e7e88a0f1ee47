import Crypto
import EventLoop
import Glibc

/// `anteroom passwd`: adds an account, or changes its password.
enum PasswdCommand {
  static func run(_ arguments: [String]) -> ExitCode {
    guard arguments.count == 2, !arguments.contains("") else { return Anteroom.usage("passwd takes a FILE and a USER") }
    do throws(CommandFault) {
      try change(file: arguments[0], user: arguments[1])
      return .fine
    } catch {
      Output.error("anteroom: \(error)")
      return .failure
    }
  }

  private static func change(file: String, user: String) throws(CommandFault) {
    let change = try AccountsFileChange(path: file)
    try change.check(user: user)
    let password = try StandardInput.isTerminal ? askTwice(user) : readOnce()
    guard let hash = PasswordHash.make(password.bytes) else {
      throw CommandFault("the password cannot be hashed", "take another one")
    }
    // What is begun is brought to its end, or a temporary file would stay.
    Signals.block()
    switch try change.set(user: user, hash: hash) {
    case .added: Output.line("added \(user) to \(change.path)")
    case .changed: Output.line("changed the password of \(user) in \(change.path)")
    }
  }

  private static func askTwice(_ user: String) throws(CommandFault) -> NewPassword {
    guard let prompt = TerminalPrompt() else {
      throw CommandFault("the terminal cannot hide what is typed", "pipe the password in as one line of standard input")
    }
    let password = NewPassword()
    try take(prompt.ask("New password for \(user) (at least \(NewPassword.minimumCharacters) characters): ", into: password), password)
    try check(password)
    let again = NewPassword()
    try take(prompt.ask("The same again: ", into: again), again)
    guard password.matches(again) else { throw CommandFault("the two passwords differ", "nothing was changed; try again") }
    return password
  }

  private static func readOnce() throws(CommandFault) -> NewPassword {
    let password = NewPassword()
    var end = StandardInput.readLine(into: password)
    while end == .failed(EINTR) { end = StandardInput.readLine(into: password) }
    try take(end, password)
    try check(password)
    return password
  }

  private static func take(_ end: StandardInput.End, _ password: NewPassword) throws(CommandFault) {
    if case .failed(let code) = end { throw CommandFault("standard input cannot be read", code, "type the password, or pipe it in") }
    if end == .endOfInput, password.isEmpty {
      throw CommandFault("there is no password on standard input", "type one, or pipe it in as one line")
    }
  }

  private static func check(_ password: NewPassword) throws(CommandFault) {
    do throws(NewPassword.Fault) { try password.check() } catch { throw CommandFault("\(error)") }
  }
}
