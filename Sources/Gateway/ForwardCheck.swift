import Config
import HTTP
import Pages
import Policy
import Session

/// What asking a checker has to do with a request: in one place, so that all others pay for it with one look.
struct CheckUse {
  /// What the checker has answered about it.
  var checked: Checked?
  /// When it is asked again about what lasts, in the loop's milliseconds; 0 before the first look.
  var nextCheck: Int64 = 0
  var isAsking = false
  /// How often in a row there was no room to ask.
  var postponed = 0
}

/// Signing in as a checker says: each request is asked about, and what lasts is asked about again.
extension Exchange {
  /// Finds out whom the checker lets in: true where that is known now, or does not matter; false where it has been answered, or waits.
  func identify(by login: ForwardLogin) -> Bool {
    guard let route else { return true }
    // Where everybody may go nobody waits but those who might be known.
    if !route.needsLogin, !head.present.contains(.cookie), !head.present.contains(.authorization) { return true }
    if let checked = checkUse?.checked { return take(checked, login, route) }
    guard let request = checkRequest(ownSubject) else {
      fail(.badRequest)
      return false
    }
    if let known = login.known(request) { return take(known, login, route) }
    ask(login, request) { exchange, checked in
      exchange.checkUse = CheckUse(checked: checked)
      exchange.authorizeAgain()
    }
    return false
  }

  /// Does what follows from an answer about the request itself; false where that is an answer to the client.
  private func take(_ checked: Checked, _ login: ForwardLogin, _ route: Route) -> Bool {
    if case .letIn = checked.answer.verdict {
      adopt(checked, login)
      return true
    }
    // What is open is open, whatever the checker says.
    guard route.needsLogin else { return true }
    if route.patientRule != nil { auditEvent = .patientRequest(.refused) }
    switch checked.answer.verdict {
    case .letIn: break
    case .failed(let failure): fail(failure, retryAfter: failure.status == 503 ? 1 : nil)
    case .turnedAway(let refusal):
      for cookie in checked.answer.cookies { addCookie(cookie) }
      if refusal.status == 403, refusal.location == nil || !isNavigation {
        fail(.forbidden)
      } else if refusal.location == nil, login.settings.signIn == nil {
        failWithChallenge(refusal)
      } else if !isNavigation {
        fail(.signInNeeded)
      } else {
        // The way goes over a page of ours, whose address with the sealed ticket may be told to the checker: this one's may not.
        sendToLogin()
      }
    }
    return false
  }

  /// A checker with no page to sign in at leaves it to HTTP.
  func failWithChallenge(_ refusal: CheckRefusal) {
    tokenUse = refusal.challenge.map { TokenUse(challenge: $0) }
    fail(.signInNeeded)
  }

  /// Takes over whom the checker has let in.
  func adopt(_ checked: Checked, _ login: ForwardLogin) {
    guard case .letIn(let user) = checked.answer.verdict else { return }
    for cookie in checked.answer.cookies { addCookie(cookie) }
    session = openedSession(user, checked, login)
  }

  private func openedSession(_ user: CheckedUser, _ checked: Checked, _ login: ForwardLogin) -> OpenedSession? {
    guard let settings = siteState?.settings, let request = checkRequest(ownSubject) else { return nil }
    let now = now
    let content = SessionContent(
      id: login.stableID(user.user, request), login: SessionContent.outsideLogin, user: user.user, name: user.name, email: user.email,
      groups: user.groups, stamp: [UInt8](repeating: 0, count: SessionContent.stampCount), authenticatedAt: now, lastActivity: now,
      notAfter: .max)
    let lines = user.lines + (user.user.isEmpty ? [] : settings.identityLines(content))
    return OpenedSession(content, identityLines: lines, outside: checked.session)
  }

  /// Waits for the checker's answer.
  func ask(_ login: ForwardLogin, _ request: CheckRequest, then: @escaping @Sendable (Exchange, Checked) -> Void) {
    let handle = worker.loop.handle
    wait(for: { await login.check(request, on: handle) }, then: then)
  }

  /// Asks about `subject`, or takes what is believed of it.
  func check(_ login: ForwardLogin, _ subject: CheckRequest.Subject, then: @escaping @Sendable (Exchange, Checked) -> Void) {
    guard let request = checkRequest(subject) else { return fail(.badRequest) }
    if let known = login.known(request) { return then(self, known) }
    ask(login, request, then: then)
  }

  /// Goes on once it is known who is signed in, for addresses of our own; where that cannot be known it is answered.
  func identify(by login: ForwardLogin, then: @escaping @Sendable (Exchange) -> Void) {
    check(login, ownSubject) { exchange, checked in
      switch checked.answer.verdict {
      case .letIn: exchange.adopt(checked, login)
      case .turnedAway: for cookie in checked.answer.cookies { exchange.addCookie(cookie) }
      case .failed(let failure): return exchange.fail(failure, retryAfter: failure.status == 503 ? 1 : nil)
      }
      then(exchange)
    }
  }

  // MARK: The question

  /// The request's own method and path.
  var ownSubject: CheckRequest.Subject {
    CheckRequest.Subject(
      method: Array(headBytes[head.methodRange.range]), target: head.path.isEmpty ? rootPath : Array(headBytes[head.path.range]))
  }

  /// What is asked about `subject` for this browser; `nil` for a request that no app would read in one way only.
  func checkRequest(_ subject: CheckRequest.Subject) -> CheckRequest? {
    guard let host = hostContext, let origin, let connection, head.fieldCount(.authorization) < 2 else { return nil }
    let bytes = headBytes
    requestCookies.read(head.fields, in: bytes.span, host.cookieNames)
    let client = told.map { Array($0.path.joined(separator: Array(", ".utf8))) } ?? connection.peerText
    return CheckRequest(
      subject: subject, origin: origin.description, host: Array(bytes[hostRange]), isSecure: host.isSecure, client: client,
      cookies: requestCookies.appsOwn, authorization: value(.authorization), userAgent: value(.userAgent), accept: list(.accept),
      acceptLanguage: list(.acceptLanguage))
  }

  private func value(_ known: KnownField) -> [UInt8]? { head.firstField(known).map { Array(headBytes[$0.value.range]) } }

  /// All lines of a field that is a list.
  private func list(_ known: KnownField) -> [UInt8]? {
    let lines = head.fields.filter { $0.known == known }.map { headBytes[$0.value.range] }
    return lines.isEmpty ? nil : Array(lines.joined(separator: Array(", ".utf8)))
  }
}
