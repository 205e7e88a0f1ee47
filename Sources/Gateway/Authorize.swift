import HTTP
import Pages
import Policy
import Session

extension Exchange {
  /// Decides who may pass, and does what was decided.
  func authorize(_ route: Route, _ head: Span<UInt8>, _ host: HostContext, _ state: SiteState) {
    if state.settings.keepsOutsideLogin {
      guard identify() else { return }
    } else {
      _ = authenticate(head, host, state)
    }
    var session = session
    if let session, session.provider != nil, !renewTokens(session) { return }
    if state.settings.takesPrograms, session != nil {
      dropUnjudgedToken()
    } else if state.settings.takesPrograms {
      switch authenticateProgram(state.settings) {
      case .none: break
      case .program(let program): session = program
      case .answered: return
      }
    }
    if state.settings.keepsOutsideLogin, let login = appLogin, goesOnWithTab(login, route) { return }
    let decision = decide(route: route, isSignedIn: session != nil, isNavigation: self.isNavigation)
    if route.patientRule != nil { auditEvent = .patientRequest(.refused) }
    switch decision {
    case .forward:
      guard route.patientRule == nil || worker.services.audit.isHealthy else {
        auditReason = "the audit trail cannot be written"
        return fail(.unavailable)
      }
      if mayUpgrade, !admitsWebSocket() { return }
      if let session, !(tokenUse?.isProgram ?? false) {
        // The app's own logout address ends our session too, whatever the app answers.
        if route.isAppLogout {
          endSessionWithTheApps(session)
        } else if !route.isBackground, session.outside == nil {
          renew(session, host, state)
        }
      }
      if route.patientRule != nil, sendsOn(route, state) { return }
      startForwarding()
    case .logIn:
      sendToLogin()
    case .unauthorized:
      fail(.signInNeeded)
    case .refusePatient(let fault):
      auditReason = "patient parameter \(fault)"
      fail(Self.failure(fault))
    }
  }

  /// Finds out who is signed in where somebody else knows: true where that is known now, with `session` set or not; false where it has been
  /// answered, or waits and will decide anew.
  private func identify() -> Bool {
    for login in siteState?.settings.logins ?? [] {
      switch login.kind {
      case .app(let login): return identify(by: login)
      case .forward(let login): return identify(by: login)
      case .password, .openID: continue
      }
    }
    return true
  }

  /// Decides anew, once what was waited for has come.
  func authorizeAgain() {
    guard let route, let host = hostContext, let state = siteState else { return fail(.internalError) }
    session = nil
    let bytes = headBytes
    authorize(route, bytes.span, host, state)
  }

  /// Finds out who is signed in, where no more is known yet than that the request is routed.
  func authenticate() {
    guard let host = hostContext, let state = siteState else { return }
    let bytes = headBytes
    _ = authenticate(bytes.span, host, state)
  }

  /// Goes on once it is known who is signed in, for addresses of our own; where that cannot be known it is answered.
  func whenIdentified(_ then: @escaping @Sendable (Exchange) -> Void) {
    if let login = forwardLogin { return identify(by: login, then: then) }
    if let login = appLogin { return identify(by: login, then: then) }
    authenticate()
    then(self)
  }

  /// Finds out who is signed in, by the session cookie: exactly one of that name, sealed here, for this site and host, not revoked, of an
  /// account that is as it was at login, and within its limits. Everything else is "not signed in".
  private func authenticate(_ bytes: Span<UInt8>, _ host: HostContext, _ state: SiteState) -> OpenedSession? {
    guard head.present.contains(.cookie) else { return nil }
    requestCookies.read(head.fields, in: bytes, host.cookieNames)
    guard let value = requestCookies.sessionValue else { return nil }
    let settings = state.settings
    let opened = rules.sealer.open(bytes.extracting(value), context: host.sealContext) { rules.complete($0, settings) }
    let now = now
    guard let opened else { return nil }
    guard state.stands(opened, worker.revocations, now: now) else {
      // Whoever signs in next is asked before they get what this person wanted.
      (endedSession, wasEndedByForce) = (opened, true)
      return nil
    }
    switch settings.rules.status(of: opened.times, now: now) {
    // Its provider's part is gone: no clock that is set back brings it to life again.
    case .live where opened.isOver: (endedSession, wasEndedByForce) = (opened, true)
    case .live:
      session = opened
      return opened
    case .expired: endedSession = opened
    case .notYet: break
    }
    return nil
  }

  /// Whether a person's browser opens a page (contract 4.4), rather than a program asking for something.
  var isNavigation: Bool { isNavigation(isGetOrHead: isGetOrHead) }

  /// The same for a form too, which browsers that send no `Sec-Fetch-Mode` do not tell apart from what a script sends but by what they accept.
  var isPageRequest: Bool { isNavigation(isGetOrHead: true) }

  private func isNavigation(isGetOrHead: Bool) -> Bool {
    let bytes = headBytes
    let span = bytes.span
    var mode = NavigationRule.FetchMode.absent
    if let field = head.firstField(.secFetchMode) {
      mode = NavigationRule.fetchMode(span.extracting(field.value.range), lines: head.fieldCount(.secFetchMode))
    }
    let acceptsHTML = head.fields.contains { field in
      guard case .accept = field.known else { return false }
      return NavigationRule.namesHTML(span.extracting(field.value.range))
    }
    return NavigationRule.isNavigation(
      isGetOrHead: isGetOrHead, fetchMode: mode, hasRequestedWith: head.present.contains(.xRequestedWith), acceptsHTML: acceptsHTML)
  }

  /// Seals the session anew where enough of its idle time has passed.
  func renew(_ session: OpenedSession, _ host: HostContext, _ state: SiteState) {
    let rules = state.settings.rules
    let now = now
    guard rules.needsRenewal(session.times, now: now) else { return }
    guard let value = try? self.rules.sealer.seal(rules.touched(session.content, now: now).carried, context: host.sealContext, now: now)
    else {
      return
    }
    let names = host.cookieNames
    addCookie(names.setCookie(names.session, value: value))
  }

  private func endSessionWithTheApps(_ session: OpenedSession) {
    if session.outside == nil { endSession(session) } else { endOutsideSession(session) }
    if auditEvent == nil { auditEvent = .logout }
  }

  private static func failure(_ fault: PatientFault) -> Failure {
    switch fault {
    case .missing: .patientMissing
    case .empty: .patientEmpty
    case .malformed, .tooLarge: .patientMalformed
    case .repeated: .patientRepeated
    case .alias: .patientAlias
    }
  }
}
