import Config
import Fetch
import HTTP
import Login
import Pages
import Session

/// The way to where a checker has people sign in, back from there, and out.
extension Exchange {
  /// The checker that says who is signed in here, where one does.
  var forwardLogin: ForwardLogin? {
    for login in siteState?.settings.logins ?? [] {
      if case .forward(let login) = login.kind { return login }
    }
    return nil
  }

  // MARK: There and back

  /// `/.anteroom/login`: on to what was chosen for somebody whom the checker lets in, and for others to where they sign in.
  /// - Parameter notice: what is to be said before.
  func showForwardLogin(_ login: ForwardLogin, ticket: [UInt8], notice: LoginForm.Notice?, _ audience: Audience) {
    let ticket = open(ticket, audience, user: "") == .none ? [] : ticket
    let address = Self.loginAddress([], ticket)
    check(login, CheckRequest.Subject(method: Array("GET".utf8), target: Array(address.utf8))) { exchange, checked in
      for cookie in checked.answer.cookies { exchange.addCookie(cookie) }
      switch checked.answer.verdict {
      case .letIn: exchange.goOn(checked, login, ticket, audience)
      case .failed(let failure): exchange.fail(failure, retryAfter: failure.status == 503 ? 1 : nil)
      case .turnedAway(let refusal):
        guard exchange.isNavigation else { return exchange.fail(refusal.status == 403 ? .forbidden : .signInNeeded) }
        if refusal.status != 403, let notice { return exchange.showChoice(audience, ticket: ticket, notice: notice) }
        exchange.leaveForSignIn(login, address, refusal, audience)
      }
    }
  }

  private func leaveForSignIn(_ login: ForwardLogin, _ back: String, _ refusal: CheckRefusal, _ audience: Audience) {
    var address = refusal.location
    if let signIn = login.settings.signIn, refusal.status == 401 || (refusal.status != 403 && address == nil) {
      let parts = signIn.split(separator: ForwardLoginSettings.placeholder, maxSplits: 1, omittingEmptySubsequences: false)
      address = parts.joined(separator: PercentEncoding.encoded(audience.origin.description + back))
    }
    guard let address else { return refusal.status == 403 ? fail(.forbidden) : failWithChallenge(refusal) }
    respond(.redirect(302, to: Array(address.utf8)))
  }

  /// Back to what was chosen before, if the checker lets this user in there too.
  private func goOn(_ checked: Checked, _ login: ForwardLogin, _ ticket: [UInt8], _ audience: Audience) {
    // Its cookies are in the answer already.
    adopt(Checked(answer: CheckAnswer(verdict: checked.answer.verdict)), login)
    guard let session else { return fail(.internalError) }
    switch open(ticket, audience, user: accountKey(session.content)) {
    case .none, .otherBrowser: respond(.redirect(302, to: [UInt8]((siteState?.settings.site.start ?? "/").utf8)))
    case .ask(_, let reason): confirm(reason, ticket, audience, user: session.user)
    case .follow(let address):
      let target = location(address, audience)
      let path = Array(target.prefix { $0 != UInt8(ascii: "?") })
      // Asked before the browser goes there: if the checker wants more there than here, it would go back and forth without end.
      check(login, CheckRequest.Subject(method: Array("GET".utf8), target: path)) { exchange, there in
        exchange.arrive(there, target, path)
      }
    }
  }

  private func arrive(_ checked: Checked, _ target: [UInt8], _ path: [UInt8]) {
    for cookie in checked.answer.cookies { addCookie(cookie) }
    switch checked.answer.verdict {
    case .letIn: respond(.redirect(302, to: target))
    case .failed(let failure): fail(failure, retryAfter: failure.status == 503 ? 1 : nil)
    case .turnedAway(let refusal):
      if refusal.status == 403, let location = refusal.location { return respond(.redirect(302, to: Array(location.utf8))) }
      if refusal.status != 403 {
        worker.services.checkWarning.warn([
          "site": siteState?.settings.site.name ?? "", "user": session?.user ?? "",
          "reason": "the checker lets in at /.anteroom/login and not at the page that was chosen (have it ask for the same at both)",
        ])
      }
      fail(.forbidden)
    }
  }

  // MARK: Out

  /// The page with the logout button, where there is a place to sign out.
  func showForwardLogout(_ login: ForwardLogin) {
    guard login.settings.signOut != nil else { return fail(.notFound) }
    guard let audience, let state = siteState else { return fail(.badRequest) }
    let token = rules.generation.formTokens.mint(.logout, audience: audience, binding: bindingForAnswer(), now: now, using: worker.crypto)
    respond(.page(state.settings.pages.logout(token: token, user: nil, host: hostText)))
  }

  /// The logout form, whose origin is checked.
  func takeForwardLogout(_ login: ForwardLogin, _ fields: URLEncodedForm) {
    guard let signOut = login.settings.signOut else { return fail(.notFound) }
    guard let audience, let request = checkRequest(ownSubject) else { return fail(.badRequest) }
    let token = fields.value(FormField.token) ?? []
    let outcome = rules.generation.formTokens.check(
      token.span, .logout, audience: audience, bindings: bindings, now: now, using: worker.crypto)
    guard outcome == .valid else { return fail(.formRefused) }
    // Who it was is for the audit trail; whoever it was is let go.
    check(login, ownSubject) { exchange, checked in
      exchange.auditEvent = .logout
      if case .letIn(let user) = checked.answer.verdict { exchange.auditUser = user.user }
      login.forget(request)
      exchange.siteState?.settings.memory.logouts.add(1, ordering: .relaxed)
      exchange.clearCookies()
      exchange.clearsSiteData = true
      guard let state = exchange.siteState else { return exchange.fail(.internalError) }
      exchange.respond(.page(state.settings.pages.leaveToSignOut(address: signOut, host: exchange.hostText)))
    }
  }

  /// The app's own logout address was called: what is believed of this browser is believed no more.
  func endOutsideSession(_ session: OpenedSession) {
    session.outside?.end()
    appUse?.session?.drop()
    if let login = forwardLogin, let request = checkRequest(ownSubject) { login.forget(request) }
    clearsSiteData = true
  }
}
