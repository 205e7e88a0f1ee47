import HTTP
import Login
import Session
import Upstream

/// What the app's own answers say of its logins: whether one has worked is judged by the answer and a probe together.
extension Exchange {
  /// Looks at an answer's head before any of it is passed on; true where the browser gets another answer.
  func judgesAppAnswer(_ login: AppLogin, _ upstream: UpstreamConnection) -> Bool {
    let input = upstream.input
    let bytes = Array(input.bytes[input.start..<input.start + response.byteCount])
    let cookies = response.fields.filter { $0.known == .setCookie }.map { Array(bytes[$0.value.range]) }
    let session = appUse?.session
    let set = cookies.compactMap { SetCookie($0) }.filter { $0.name == login.cookie }
    for cookie in set { login.sessions.session(of: cookie.value, context: appContext).drop() }
    if !set.isEmpty || route?.isLoginPage ?? false || route?.isAppLogout ?? false { session?.drop() }
    // Whatever it was may have been a login.
    if !head.method.isSafe { session?.dropAbsence() }
    guard route?.isLoginPage ?? false, isGetOrHead ? isNavigation : isPageRequest, [301, 302, 303, 307, 308].contains(response.status),
      let field = response.firstField(.location)
    else { return false }
    let redirect = appRedirect(bytes, Array(bytes[field.value.range]))
    guard let path = pathHere(redirect.location) else {
      askWhetherLoggedIn(login, redirect)
      return true
    }
    guard let policy = siteState?.settings.policy else { return false }
    if policy.isLoginPage(path.span) {
      // On to another page of the login: this tab's still.
      guard let tab = appUse?.tab else { return false }
      takeOver()
      pass(redirect, to: TabField.appended(tab.name, to: redirect.location))
      return true
    }
    guard policy.isAfterLogin(path.span) else { return false }
    askWhetherLoggedIn(login, redirect)
    return true
  }

  /// The browser gets an answer of our own: what is left of the request's body is read and dropped after it.
  private func takeOver() {
    dropUpstream()
    requestRelayAbandoned()
  }

  /// The app's redirect, as it would go to the browser.
  private struct AppRedirect: Sendable {
    let status: Int
    var location: [UInt8]
    /// All fields that pass but these two kinds, as whole lines.
    var lines: [UInt8]
    /// The values of its `Set-Cookie` fields that are the app's to set.
    var cookies: [[UInt8]]
  }

  private func appRedirect(_ bytes: [UInt8], _ location: [UInt8]) -> AppRedirect {
    let replacements = answerReplacements(bytes.span)
    var redirect = AppRedirect(status: response.status, location: location, lines: [], cookies: [])
    let hasNominations = response.hasConnectionNominations && worker.nominations.collect(from: response.fields, in: bytes.span)
    for (index, field) in response.fields.enumerated() where !field.known.isHopByHop {
      let value = replacements.first { $0.index == index }?.value ?? Array(bytes[field.value.range])
      let name = bytes[field.name.range]
      switch field.known {
      case .location: redirect.location = value
      case .setCookie:
        if !CookieNames.isOurs(setCookie: value.span) { redirect.cookies.append(value) }
      default:
        let folded = String(decoding: name, as: UTF8.self).lowercased()
        if Self.replaced.contains(folded) || folded.hasPrefix("content-") { continue }
        if hasNominations, worker.nominations.contains(bytes.span.extracting(field.name.range), in: bytes.span) { continue }
        redirect.lines += name
        redirect.lines += Array(": ".utf8) + value + Array("\r\n".utf8)
      }
    }
    return redirect
  }

  private func askWhetherLoggedIn(_ login: AppLogin, _ redirect: AppRedirect) {
    takeOver()
    let target = [UInt8](login.settings.probe.target.utf8)
    var jar = CookieJar(requestCookies.appsOwn, path: target.prefix { $0 != UInt8(ascii: "?") })
    for cookie in redirect.cookies { jar.take(cookie, answering: Array(headBytes[head.path.range])) }
    let values = jar.values(login.cookie)
    guard values.count == 1, let value = values.first, !value.isEmpty, var request = appRequest(login.settings.probe.target) else {
      return pass(redirect, to: redirect.location)
    }
    request.cookies = jar.value
    let probe = request
    let session = login.sessions.session(of: value, context: appContext)
    let (handle, seconds) = (worker.loop.handle, now)
    wait(for: { await login.ask(session, probe, seconds: seconds, on: handle) }) { exchange, outcome in
      guard case .signedIn = outcome, case .signedIn(let known) = session.look(exchange.worker.loop.now),
        let settings = exchange.siteState?.settings
      else { return exchange.pass(redirect, to: redirect.location) }
      // Who lands where they were going need not be asked.
      if exchange.appUse?.tab != nil { _ = session.land() }
      exchange.loggedIn(exchange.opened(known, session, settings), redirect)
    }
  }

  private func loggedIn(_ opened: OpenedSession, _ redirect: AppRedirect) {
    session = opened
    siteState?.settings.memory.logins.add(1, ordering: .relaxed)
    auditEvent = .login(.signedIn)
    auditUser = opened.user
    auditReason = nil
    guard let tab = appUse?.tab else { return pass(redirect, to: redirect.location) }
    appendLocalLines(redirect.cookies)
    follow(tab, status: 303)
  }

  private func pass(_ redirect: AppRedirect, to location: [UInt8]) {
    var lines: [UInt8] = []
    swap(&lines, &localLines)
    lines += redirect.lines
    swap(&lines, &localLines)
    appendLocalLines(redirect.cookies)
    respond(.redirect(redirect.status, to: location))
  }

  private func appendLocalLines(_ cookies: [[UInt8]]) {
    var lines: [UInt8] = []
    swap(&lines, &localLines)
    for cookie in cookies { lines += Array("Set-Cookie: ".utf8) + cookie + Array("\r\n".utf8) }
    swap(&lines, &localLines)
  }

  /// What the answer of our own says itself.
  private static let replaced: Set = [
    "cache-control", "pragma", "expires", "age", "date", "referrer-policy", "x-content-type-options", "x-request-id",
    "strict-transport-security", "clear-site-data", "content-security-policy", "x-frame-options",
  ]

  /// The path of an address that the app sends the browser to, as far as it is one of this site; `nil` for others.
  private func pathHere(_ location: [UInt8]) -> [UInt8]? {
    var rest = location[...]
    if let (scheme, after) = WebOrigin.splitScheme(location) {
      let authority = after.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
      guard let host = hostContext, let named = WebOrigin(scheme: scheme, authority: Array(authority)) else { return nil }
      // An app that does not know of TLS says http.
      let isHere = named == origin || named == WebOrigin(scheme: "http", authority: host.host)
      guard isHere else { return nil }
      rest = after[authority.endIndex...]
    } else if rest.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")])
      || rest.contains(UInt8(ascii: ":")) && rest.first != UInt8(ascii: "/")
    {
      return nil
    }
    let path = Array(rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    if path.first == UInt8(ascii: "/") { return path }
    let own = Array(headBytes[head.path.range])
    if path.isEmpty { return rest.isEmpty || rest.first != UInt8(ascii: "/") ? own : [UInt8(ascii: "/")] }
    return Array(own[...(own.lastIndex(of: UInt8(ascii: "/")) ?? 0)]) + path
  }
}
