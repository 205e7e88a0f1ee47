import HTTP
import Pages
import Policy
import Session

extension Exchange {
  /// Decides who may pass, and does what was decided.
  func authorize(_ route: Route) {
    authenticate()
    let decision = decide(route: route, isSignedIn: session != nil, isNavigation: isNavigation)
    if let rule = route.patientRule, let state = siteState {
      auditEvent = .patientRequest(patient: patientID(route), rule: state.settings.site.patients[rule].path.text, outcome: .refused)
    }
    switch decision {
    case .forward:
      guard route.patientRule == nil || worker.services.audit.isHealthy else {
        auditReason = "the audit trail cannot be written"
        return fail(.unavailable)
      }
      endSessionWithTheApps(route)
      renewSession(route)
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

  /// Finds out who is signed in, by the session cookie: exactly one of that name, sealed here, for this site and host, not revoked, of an
  /// account that is as it was at login, and within its limits. Everything else is "not signed in".
  func authenticate() {
    guard let state = siteState, let connection, let value = sessionCookie() else { return }
    let bytes = headBytes
    let context = state.sealContext(host: bytes.span.extracting(head.host.range), isSecure: connection.listener.isSecure)
    guard let content = worker.sealer.open(bytes.span.extracting(value), context: context) else { return }
    guard !worker.revocations.contains(content.id, now: now), state.stamp(of: content.user) == content.stamp else { return }
    switch state.settings.rules.status(of: content, now: now) {
    case .live: session = content
    case .expired: endedSessionUser = content.user
    case .notYet: break
    }
  }

  private func sessionCookie() -> Range<Int>? {
    guard let connection, head.firstField(.cookie) != nil else { return nil }
    let names = connection.listener.cookieNames
    let bytes = headBytes
    let span = bytes.span
    var found: Range<Int>?
    var count = 0
    for field in head.fields where field.known == .cookie {
      let start = field.value.start
      let line = span.extracting(field.value.range)
      forEachCookie(in: line) { name, value in
        guard names.kind(of: line.extracting(name)) == .session else { return }
        count += 1
        found = value.lowerBound + start..<value.upperBound + start
      }
    }
    // With two of them, nobody knows which one is meant.
    return count == 1 ? found : nil
  }

  /// Whether a person's browser opens a page (contract 4.4), rather than a program asking for something.
  var isNavigation: Bool {
    let bytes = headBytes
    let span = bytes.span
    var mode = NavigationRule.FetchMode.absent
    if let field = head.firstField(.secFetchMode) {
      mode = NavigationRule.fetchMode(span.extracting(field.value.range), lines: head.fieldCount(.secFetchMode))
    }
    let acceptsHTML = head.fields.contains { $0.known == .accept && NavigationRule.namesHTML(span.extracting($0.value.range)) }
    return NavigationRule.isNavigation(
      isGetOrHead: isGetOrHead, fetchMode: mode, hasRequestedWith: head.fieldCount(.xRequestedWith) > 0, acceptsHTML: acceptsHTML)
  }

  /// Seals the session anew where enough of its idle time has passed and the request counts as activity.
  private func renewSession(_ route: Route) {
    guard let session, let state = siteState, let connection, !route.isBackground, !route.isAppLogout else { return }
    let rules = state.settings.rules
    guard rules.needsRenewal(session, now: now) else { return }
    let bytes = headBytes
    let context = state.sealContext(host: bytes.span.extracting(head.host.range), isSecure: connection.listener.isSecure)
    guard let value = try? worker.sealer.seal(rules.touched(session, now: now), context: context, now: now) else { return }
    let names = connection.listener.cookieNames
    addCookie(names.setCookie(names.session, value: value))
  }

  /// The app's own logout address ends our session too, whatever the app answers.
  private func endSessionWithTheApps(_ route: Route) {
    guard route.isAppLogout, let session else { return }
    endSession(session)
    if auditEvent == nil { auditEvent = .logout }
  }

  /// The digits of the patient's id, where the request names one.
  func patientID(_ route: Route) -> String? {
    guard case .id(let range) = route.patient, let query = head.query else { return nil }
    return String(decoding: headBytes[query.start + range.lowerBound..<query.start + range.upperBound], as: UTF8.self)
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
