import Config
import HTTP

/// WebSockets and streams of events that began as a checker let in: it is asked again about each, now and then.
extension Exchange {
  /// How often, in milliseconds, where `cache` does not say.
  private static let usual: Int64 = 60_000
  /// Until the next try where there is no room to ask, and how many there may be.
  private static let pause: Int64 = 5_000
  private static let mostPostponed = 3

  /// Asks again if it is time; the stream ends unless the same user is let in.
  func checkAgainIfDue() {
    if let login = appLogin { return checkAppSessionIfDue(login) }
    guard let before = session, before.outside != nil, let login = forwardLogin else { return }
    var use = checkUse ?? CheckUse()
    defer { checkUse = use }
    let now = worker.loop.now
    if use.nextCheck == 0 { use.nextCheck = now + (login.settings.cache?.milliseconds ?? Self.usual) }
    guard now >= use.nextCheck, !use.isAsking else { return }
    // What a reload has put another in the place of has nothing to say any more.
    guard let present = presentLogin(login), let request = checkRequest(ownSubject), let token = connection?.token else {
      return endWithSession()
    }
    use.isAsking = true
    let (serial, handle, user) = (serial, worker.loop.handle, before.user)
    Task(executorPreference: handle) {
      let checked = await present.check(request, on: handle)
      handle.post { loop in
        guard let connection = loop.pollable(token) as? ClientConnection, let exchange = connection.exchange, exchange.serial == serial,
          exchange.lasting != .none
        else { return }
        exchange.checkedAgain(checked, login, user: user)
      }
    }
  }

  private func checkedAgain(_ checked: Checked, _ login: ForwardLogin, user: String) {
    if checked.answer.verdict == .failed(.checkBusy), let postponed = checkUse?.postponed, postponed < Self.mostPostponed {
      checkUse = CheckUse(nextCheck: worker.loop.now + Self.pause, postponed: postponed + 1)
      return
    }
    guard case .letIn(let found) = checked.answer.verdict, found.user == user else { return endWithSession() }
    // No answer is left that could carry its cookies.
    adopt(Checked(answer: CheckAnswer(verdict: checked.answer.verdict)), login)
    checkUse = CheckUse(nextCheck: worker.loop.now + (login.settings.cache?.milliseconds ?? Self.usual))
  }

  private func presentLogin(_ login: ForwardLogin) -> ForwardLogin? {
    guard let host = hostContext else { return nil }
    let name = host.host
    guard let present = worker.rules.hosts.context(of: name.span, isSecure: host.isSecure) else { return login }
    for known in present.settings.logins {
      if case .forward(let known) = known.kind, known.settings == login.settings { return known }
    }
    return nil
  }
}
