import Audit
import Crypto
import EventLoop
import HTTP
import Login
import Pages
import Policy
import Session

extension Exchange {
  // MARK: To the login

  /// Answers a navigation that needs a signed-in user: the login page, with a ticket for the way back.
  func sendToLogin() {
    if let login = appLogin { return sendToAppLogin(login) }
    if let audience, case .sending(_, _, let ticket) = heldForm?.purpose { return showLogin(audience, ticket: ticket) }
    if !isGetOrHead, beginHolding() { return }
    sendToLogin(holding: nil)
  }

  /// - Parameter form: what is held of the request, to be offered after the login.
  func sendToLogin(holding form: HeldFormReference?) {
    auditFailure(.signInNeeded)
    guard let audience else { return fail(.badRequest) }
    let binding = bindingForAnswer()
    var lines: [UInt8] = []
    swap(&lines, &localLines)
    lines.reserveCapacity(lines.count + 1024)
    lines.appendASCII("Location: /.anteroom/login")
    let end = lines.count
    lines.appendASCII("?return=")
    if let form, let ended = endedSession {
      let user = accountKey(ended.content)
      _ = rules.generation.tickets.append(
        form, audience: audience, binding: binding, user: user, now: now, to: &lines, using: worker.crypto)
      lines.appendASCII("&kept=1")
    } else {
      if !appendTicket(audience, binding, to: &lines) { lines.removeLast(lines.count - end) }
      if !isGetOrHead { lines.appendASCII(lines.count == end ? "?unsent=1" : "&unsent=1") }
    }
    lines.appendASCII("\r\n")
    swap(&lines, &localLines)
    // 303 makes every client go on with a GET: a form that was sent after the session ended is never sent anywhere else.
    respond(LocalAnswer(status: isGetOrHead ? 302 : 303))
  }

  /// Appends a ticket for where to come back to: the request's own address as sent, or for a form the page that it was on. False, with
  /// nothing appended, for the start page.
  /// - Parameter inline: the longest address that travels in the ticket.
  func appendTicket(
    _ audience: Audience, _ binding: BrowserBinding, inline: Int = ReturnTickets.maximumInline, to output: inout [UInt8]
  ) -> Bool {
    let bytes = headBytes
    guard isGetOrHead else {
      guard let referer = onlyField(.referer),
        let page = RefererAddress.sameOrigin(referer: bytes.span.extracting(referer), origin: audience.origin)
      else { return false }
      return appendTicket(for: page.span, audience, binding, inline, to: &output)
    }
    if head.path.isEmpty {
      let address = rootPath + bytes[head.pathAndQuery.range]
      return appendTicket(for: address.span, audience, binding, inline, to: &output)
    }
    return appendTicket(for: bytes.span.extracting(head.pathAndQuery.range), audience, binding, inline, to: &output)
  }

  private func appendTicket(
    for address: Span<UInt8>, _ audience: Audience, _ binding: BrowserBinding, _ inline: Int, to output: inout [UInt8]
  ) -> Bool {
    let user = endedSession.map { accountKey($0.content) }
    let tickets = rules.generation.tickets
    let crypto = worker.crypto
    guard address.count > inline else {
      return tickets.append(.inline, address, audience: audience, binding: binding, user: user, now: now, to: &output, using: crypto)
    }
    guard RedirectTarget.isLocal(address), let connection, let network = clientNetwork(connection) else { return false }
    var long: [UInt8] = []
    long.append(copying: address)
    let sealed = rules.pendingReturns.seal(long, audience: audience, now: now, using: crypto)
    let store = worker.services.store
    guard let id = try? store.putReturn(sealed, from: network.bytes, lifetime: ReturnTickets.lifetime, now: now) else { return false }
    return tickets.append(.stored, id.span, audience: audience, binding: binding, user: user, now: now, to: &output, using: crypto)
  }

  // MARK: The page

  func showLogin() {
    guard let audience else { return fail(.badRequest) }
    let query = head.query.map { Array(headBytes[$0.range]) } ?? []
    let fields = URLEncodedForm(query.span)
    let ticket = fields?.value(FormField.returnTicket) ?? []
    if let login = appLogin { return showAppLogin(login, fields) }
    if let login = forwardLogin {
      return showForwardLogin(login, ticket: ticket, notice: fields?.value("unsent") != nil ? .formNotSent : nil, audience)
    }
    authenticate()
    if let popup = fields?.value("popup"), ticket.isEmpty, takesPopup(popup, audience) { return }
    if let session, fields?.value("select") == nil {
      // Another tab has signed in meanwhile: on to this tab's own patient.
      switch open(ticket, audience, user: accountKey(session.content)) {
      case .follow(.held(let form)), .ask(.held(let form), .old): return offer(form, ticket, audience)
      case .ask(.held(let form), .otherUser): return destroyForm(form, .otherUser)
      case .otherBrowser(let form): return destroyForm(form, .otherBrowser)
      case .follow(.popup(let since)), .ask(.popup(let since), .old):
        if let since, session.content.authenticatedAt < since { break }
        return respond(.redirect(302, to: Self.popupIsDone))
      case .ask(.popup, .otherUser): return respond(.redirect(302, to: Self.popupIsAnothers))
      case .follow(let address): return respond(.redirect(302, to: location(address, audience)))
      case .ask(_, let reason): return confirm(reason, ticket, audience, user: session.user)
      case .none: break
      }
    }
    session = nil
    var notice = fields?.value("unsent") != nil ? LoginForm.Notice.formNotSent : nil
    if fields?.value("kept") != nil, leadsToForm(open(ticket, audience, user: "")) { notice = .formKept }
    guard let settings = siteState?.settings, settings.hasOpenIDLogin else { return showLogin(audience, ticket: ticket, notice: notice) }
    switch chosenLogin(fields, settings)?.kind {
    // What was lost is said before the browser is sent elsewhere.
    case .openID where notice != nil: showChoice(audience, ticket: ticket, notice: notice)
    case .openID(let login): beginSignIn(at: login, ticket: ticket, selectsAccount: fields?.value("select") != nil)
    case .password: showLogin(audience, ticket: ticket, notice: notice)
    case .app, .forward: fail(.internalError)
    case nil: showChoice(audience, ticket: ticket, notice: notice)
    }
  }

  func showChoice(_ audience: Audience, ticket: [UInt8], notice: LoginForm.Notice?) {
    guard let state = siteState else { return fail(.internalError) }
    // The form itself is the choice of those who have a password here.
    if state.settings.site.password != nil { return showLogin(audience, ticket: ticket, notice: notice) }
    _ = bindingForAnswer()
    let page = state.settings.pages.chooseLogin(
      otherLogins(ticket), notice: notice, opensPatient: leadsToPatient(open(ticket, audience, user: ""), state.settings.policy),
      host: hostText)
    respond(.page(page))
  }

  func showLogin(
    _ audience: Audience, ticket: [UInt8], user: String = "", notice: LoginForm.Notice? = nil, status: Int = 200, retryAfter: Int64? = nil
  ) {
    guard let state = siteState else { return fail(.internalError) }
    let outcome = open(ticket, audience, user: "")
    let form = LoginForm(
      token: rules.generation.formTokens.mint(.login, audience: audience, binding: bindingForAnswer(), now: now, using: worker.crypto),
      returnTicket: outcome == .none ? "" : String(decoding: ticket, as: UTF8.self), user: user, notice: notice,
      opensPatient: leadsToPatient(outcome, state.settings.policy))
    let page = state.settings.pages.login(form, others: otherLogins(outcome == .none ? [] : ticket), host: hostText)
    var answer = LocalAnswer.page(page, status: status)
    if let retryAfter { answer.fields.append(("Retry-After", "\(retryAfter)")) }
    respond(answer)
  }

  private func leadsToForm(_ outcome: TicketOutcome) -> Bool {
    switch outcome {
    case .follow(.held), .ask(.held, _): true
    case .follow, .ask, .otherBrowser, .none: false
    }
  }

  private func leadsToPatient(_ outcome: TicketOutcome, _ policy: SitePolicy) -> Bool {
    switch outcome {
    case .follow(.inline(let address)), .ask(.inline(let address), _):
      let end = address.firstIndex(of: UInt8(ascii: "?")) ?? address.count
      let span = address.span
      let query = span.extracting(min(end + 1, address.count)..<address.count)
      let route = policy.route(isGetOrHead: true, path: span.extracting(0..<end), query: query, hasQuery: end < address.count)
      if case .id = route.patient { return true }
      return false
    case .follow, .ask, .otherBrowser, .none: return false
    }
  }

  // MARK: The form

  /// The login form, or the one that confirms a patient, whose origin is checked.
  func takeLogin(_ fields: URLEncodedForm) {
    var fields = fields
    guard let audience, let state = siteState, let connection else { return fail(.badRequest) }
    let ticket = fields.value(FormField.returnTicket) ?? []
    if fields.value(FormField.held) != nil { return takeDiscard(fields, ticket, audience) }
    if fields.value(FormField.confirm) != nil { return takeConfirmation(fields, ticket, audience) }
    guard state.settings.site.password != nil else { return fail(.notFound) }
    let token = fields.value(FormField.token) ?? []
    switch rules.generation.formTokens.check(token.span, .login, audience: audience, bindings: bindings, now: now, using: worker.crypto) {
    case .valid: break
    case .stale: return showLogin(audience, ticket: ticket, notice: .staleForm)
    case .invalid:
      auditFailure(.formRefused)
      return showLogin(audience, ticket: ticket, notice: .staleForm, status: 403)
    }
    guard let network = clientNetwork(connection) else { return fail(.internalError) }
    let user = fields.value(FormField.user) ?? []
    let devices = ownCookies(.device).compactMap {
      rules.generation.devices.open($0.value.span, audience: audience, now: now, using: worker.crypto)
    }
    var login = PasswordLogin()
    let action = state.settings.memory.throttle.withLock {
      login.begin(
        user: user, password: fields.takeSecret(FormField.password) ?? Secret([]), accounts: state.currentAccounts, network: network,
        devices: devices, throttle: &$0, now: now)
    }
    auditUser = login.triedUser
    let attempt = LoginAttempt(login: login, ticket: ticket, user: user, audience: audience)
    switch action {
    case .refuse(let refusal): refuse(refusal, attempt)
    case .verify(let check):
      // What the trail says if the client, or the gateway, is gone before the password is checked.
      auditEvent = .login(.failed)
      auditReason = "given up"
      let hashing = worker.services.hashing
      wait(for: { try? await hashing.run { check.run() } }, then: { exchange, matches in exchange.verified(matches, attempt) })
    }
  }

  /// What is known of a login while its password is checked.
  private struct LoginAttempt: Sendable {
    var login: PasswordLogin
    let ticket: [UInt8]
    let user: [UInt8]
    let audience: Audience
  }

  private func verified(_ matches: Bool?, _ attempt: LoginAttempt) {
    guard let state = siteState else { return fail(.internalError) }
    var login = attempt.login
    let outcome = state.settings.memory.throttle.withLock { throttle in
      guard let matches else { return login.overflowed(throttle: &throttle) }
      return login.verified(matches, throttle: &throttle)
    }
    switch outcome {
    case .signedIn(let signIn): signedIn(signIn, attempt)
    case .refused(let refusal): refuse(refusal, attempt)
    }
  }

  private func refuse(_ refusal: PasswordLogin.Refusal, _ attempt: LoginAttempt) {
    let user = String(decoding: attempt.user.prefix(256), as: UTF8.self)
    siteState?.settings.memory.refusedLogins.add(1, ordering: .relaxed)
    switch refusal {
    case .failed:
      auditEvent = .login(.refused)
      auditReason = "wrong user name or password"
      showLogin(attempt.audience, ticket: attempt.ticket, user: user, notice: .wrongCredentials, status: 403)
    case .throttled(let until):
      auditEvent = .login(.refused)
      auditReason = "too many attempts"
      worker.services.lockKeeper.saveSoon()
      let seconds = max(1, until - now)
      showLogin(
        attempt.audience, ticket: attempt.ticket, user: user, notice: .throttled(retryAfter: seconds), status: 429, retryAfter: seconds)
    case .busy:
      auditEvent = .login(.failed)
      auditReason = "too many logins at once"
      end = .overload
      showLogin(attempt.audience, ticket: attempt.ticket, user: user, notice: .busy, status: 503, retryAfter: 5)
    }
  }

  private func signedIn(_ signIn: SignIn, _ attempt: LoginAttempt) {
    guard let state = siteState else { return fail(.internalError) }
    authenticate()
    // The session that this one takes the place of does not live on beside it.
    if let old = session { revoke(old) }
    let account = signIn.account
    let content = SessionContent(
      id: SessionID.random(), user: account.user, name: account.name, email: account.email, groups: account.groups, stamp: account.stamp,
      authenticatedAt: now, lastActivity: now, notAfter: state.settings.rules.notAfter(authenticatedAt: now))
    guard begin(content) else { return }
    if signIn.setsDeviceCookie, let names = hostContext?.cookieNames {
      let value = rules.generation.devices.seal(
        adding: account.key, to: signIn.device, audience: attempt.audience, now: now, using: worker.crypto)
      addCookie(names.setCookie(names.device, value: value, maxAge: DeviceCookies.lifetime))
    }
    follow(attempt.ticket, content, attempt.audience, status: 303)
  }

  /// Gives the browser a new session; false, and it has its answer, where that cannot be.
  func begin(_ content: SessionContent) -> Bool {
    guard let state = siteState, let host = hostContext else {
      fail(.internalError)
      return false
    }
    let names = host.cookieNames
    do throws(SealError) {
      let sealed = try rules.sealer.seal(content.carried, context: host.sealContext, now: now)
      addCookie(names.setCookie(names.session, value: sealed))
    } catch {
      worker.services.events.error("a login failed", ["user": content.user, "reason": "\(error)"])
      auditEvent = .login(.failed)
      auditReason = "the session could not be sealed"
      fail(.internalError)
      return false
    }
    session = OpenedSession(content)
    state.settings.memory.logins.add(1, ordering: .relaxed)
    auditUser = content.user
    auditEvent = .login(.signedIn)
    auditReason = nil
    return true
  }
}
