import Audit
import HTTP
import Login
import Pages
import Session

extension Exchange {
  func showLogout() {
    if let login = forwardLogin { return showForwardLogout(login) }
    if appLogin != nil { return whenIdentified { $0.showLogoutPage() } }
    authenticate()
    showLogoutPage()
  }

  private func showLogoutPage() {
    guard let audience, let state = siteState else { return fail(.badRequest) }
    let token = rules.generation.formTokens.mint(
      .logout, audience: audience, binding: bindingForAnswer(), subject: session?.id.bytes ?? [], now: now, using: worker.crypto)
    respond(.page(state.settings.pages.logout(token: token, user: session?.user, host: hostText)))
  }

  /// The logout form, whose origin is checked.
  func takeLogout(_ fields: URLEncodedForm) {
    if let login = forwardLogin { return takeForwardLogout(login, fields) }
    if appLogin != nil { return whenIdentified { $0.takeLogoutOfUser(fields) } }
    authenticate()
    takeLogoutOfUser(fields)
  }

  private func takeLogoutOfUser(_ fields: URLEncodedForm) {
    guard let audience, let state = siteState else { return fail(.badRequest) }
    guard let session else {
      clearCookies()
      return respond(.page(state.settings.pages.signedOut(host: hostText)))
    }
    let token = fields.value(FormField.token) ?? []
    let outcome = rules.generation.formTokens.check(
      token.span, .logout, audience: audience, bindings: bindings, subject: session.id.bytes, now: now, using: worker.crypto)
    guard outcome == .valid else { return fail(.formRefused) }
    let tokens = session.provider.flatMap {
      rules.generation.providerSessionSealer.tokens($0.state.sealedTokens, id: session.id, using: worker.crypto)
    }
    guard endSession(session) else { return fail(.internalError) }
    auditUser = session.user
    auditEvent = .logout
    let content = session.content
    let services = worker.services
    wait(
      for: { (try? await services.pool.run { (try? services.store.flush()) != nil }) ?? false },
      then: { exchange, isWritten in
        // The session is over, but would not be after a restart; the log says why.
        guard isWritten else { return exchange.fail(.internalError) }
        exchange.showSignedOut(content, tokens)
      })
  }

  /// Ends a session everywhere from now on, and takes its cookies away with this exchange's answer.
  /// - Returns: whether the session will be refused from now on.
  @discardableResult func endSession(_ session: OpenedSession) -> Bool {
    let isRevoked = revoke(session)
    siteState?.settings.memory.logouts.add(1, ordering: .relaxed)
    if let owner = formOwner(session.content) { destroyForms(of: owner) }
    clearCookies()
    clearsSiteData = true
    return isRevoked
  }

  /// Refuses a session from now on; what makes that survive a restart follows on the pool.
  /// - Returns: false when there are as many revocations as may be; the log says so.
  @discardableResult func revoke(_ session: OpenedSession) -> Bool {
    let services = worker.services
    // First: this needs no place in the list.
    if let provider = session.provider { services.end(provider, rules.generation.providerSessionSealer, now: now) }
    do throws(StoreError) {
      try services.store.revoke(session.id, until: session.content.notAfter, now: now)
    } catch {
      services.events.error("a logout cannot be kept", ["reason": "\(error)"])
      return false
    }
    _ = services.pool.offer {
      do throws(StoreError) {
        try services.store.flush()
      } catch {
        services.events.error("logouts cannot be written", ["reason": "\(error)"])
      }
    }
    return true
  }

  // The binding is renewed at logout: a page that the last user left open leads the next one nowhere.
  func clearCookies() {
    guard let names = hostContext?.cookieNames else { return }
    addCookie(names.clearCookie(names.session))
    if let login = appLogin { clearAppCookies(login) }
    for (name, _) in ownCookies(.binding) { addCookie(names.clearCookie(name)) }
  }
}
