import Glibc
import Synchronization

// The number of the signal that came while nothing was shown; a handler can do no more than note it.
private let caught = Atomic<Int32>(0)

/// Asks for something on the terminal without showing what is typed. Whatever ends the question, the terminal shows characters again.
struct TerminalPrompt: ~Copyable {
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  private var shown = termios()
  private var handlers: [(number: Int32, action: sigaction)] = []
  private var unblocked = sigset_t()

  /// Takes the terminal that standard input is; `nil` if it cannot be told to hide what is typed.
  init?() {
    // Safe here and below: all structures are this value's own and live for the call.
    guard unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else { return nil }
    caught.store(0, ordering: .relaxed)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in Self.signals { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, &unblocked)
    for number in Self.signals {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { caught.store($0, ordering: .relaxed) }
      var old = sigaction()
      unsafe sigaction(number, nil, &old)
      // What this process was told to ignore, as by nohup, stays ignored.
      if Self.isIgnored(old) { continue }
      guard unsafe sigaction(number, &action, nil) == 0 else { continue }
      handlers.append((number, old))
    }
    guard hide() else {
      restore()
      return nil
    }
  }

  deinit { restore() }

  /// Asks once. A signal that ends programs ends this one, after the terminal was restored; one that stops it has the question asked again.
  func ask(_ question: String, into password: NewPassword) -> StandardInput.End {
    Output.prompt(question)
    while waitForLine() {
      let number = caught.exchange(0, ordering: .relaxed)
      guard number != 0 else { continue }
      Output.error("")
      show()
      deliver(number)
      _ = hide()
      Output.prompt(question)
    }
    let end = StandardInput.readLine(into: password)
    // The newline that was typed is not shown either.
    Output.error("")
    return end
  }

  /// Sleeps until a line is there to be read; true if a signal came first. Signals are taken here and nowhere else.
  private func waitForLine() -> Bool {
    var descriptors = fd_set()
    // Safe: the first bit of a set stands for descriptor 0, standard input.
    unsafe withUnsafeMutableBytes(of: &descriptors) { unsafe $0[0] = 1 }
    var mask = unblocked
    return unsafe pselect(STDIN_FILENO + 1, &descriptors, nil, nil, nil, &mask) < 0 && errno == EINTR
  }

  /// Does what the signal would have done without us. Comes back if the process was stopped and goes on.
  private func deliver(_ number: Int32) {
    for handler in handlers where handler.number == number {
      var old = handler.action
      var ours = sigaction()
      unsafe sigaction(number, &old, &ours)
      raise(number)
      var set = sigset_t()
      unsafe sigemptyset(&set)
      unsafe sigaddset(&set, number)
      unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
      unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
      unsafe sigaction(number, &ours, nil)
    }
  }

  private func hide() -> Bool {
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    // What was typed before the question is no answer to it.
    return unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0
  }

  private func show() {
    var shown = shown
    _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
  }

  private func restore() {
    show()
    for handler in handlers {
      var old = handler.action
      _ = unsafe sigaction(handler.number, &old, nil)
    }
    var mask = unblocked
    unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    // Safe: SIG_IGN is a number that stands for no function; only compared.
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
