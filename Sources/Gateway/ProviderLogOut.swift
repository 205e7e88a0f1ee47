import Audit
import EventLoop
import HTTP
import JOSE
import Login
import OpenID
import Pages
import Session

/// Logouts that come from an identity provider, and those that go there.
extension Exchange {
  // MARK: From the provider

  /// OpenID Connect Back-Channel Logout 1.0: the provider itself says that somebody has signed out.
  func takeLogoutToken(_ fields: URLEncodedForm) {
    guard let settings = siteState?.settings, settings.hasOpenIDLogin else { return fail(.notFound) }
    guard let token = fields.value("logout_token") else { return refuseLogout("no logout_token") }
    let logins = settings.openIDLogins
    let (handle, now) = (worker.loop.handle, now)
    wait(
      for: { await Self.judge(token, logins, now: now, on: handle) },
      then: { exchange, judged in
        switch judged {
        case .success(let order): exchange.carryOut(order)
        case .failure(let fault): exchange.refuseLogout("\(fault)")
        }
      })
  }

  /// What a logout token that holds orders.
  private struct LogoutOrder: Sendable {
    let login: OpenIDLogin
    let subject: String?
    let sessionID: String?
  }

  private static func judge(
    _ token: [UInt8], _ logins: [OpenIDLogin], now: Int64, on handle: LoopHandle
  ) async -> Result<LogoutOrder, TokenFault> {
    var fault = TokenFault.refused("no provider of this site")
    for login in logins {
      do throws(TokenFault) {
        let content = try await login.provider.logoutToken(token, now: now, on: handle)
        guard login.usedLogoutTokens.use(content.tokenID, until: content.expires, now: now) else {
          return .failure(.refused("it was used already"))
        }
        return .success(LogoutOrder(login: login, subject: content.subject, sessionID: content.sessionID))
      } catch {
        fault = fault.outweighing(error)
      }
    }
    return .failure(fault)
  }

  private func carryOut(_ order: LogoutOrder) {
    let sessions = worker.services.providerSessions.sessions(
      login: order.login.id, subject: order.subject, providerSessionID: order.sessionID)
    endAll(sessions)
    // Answered when it holds over a restart too.
    flushed(sessions) { exchange in exchange.respond(LocalAnswer(status: 200)) }
  }

  private func refuseLogout(_ reason: String) {
    worker.services.signInWarning.warn(["request": requestID.text, "reason": "a logout token is refused: " + String(reason.prefix(500))])
    auditEvent = .refusal
    auditReason = "logout token refused"
    let body = [UInt8]("{\"error\":\"invalid_request\",\"error_description\":\"the logout token does not hold\"}\n".utf8)
    respond(LocalAnswer(status: 400, contentType: "application/json", body: body))
  }

  /// OpenID Connect Front-Channel Logout 1.0: a page of the provider's loads this in a frame, where no cookie of ours comes along.
  func endAtProvidersWord() {
    guard let settings = siteState?.settings, settings.hasOpenIDLogin else { return fail(.notFound) }
    let fields = head.query.map { Array(headBytes[$0.range]) }.flatMap { URLEncodedForm($0.span) }
    let issuer = fields?.value("iss").map { String(decoding: $0, as: UTF8.self) }
    guard let sid = fields?.value("sid").map({ String(decoding: $0, as: UTF8.self) }), !sid.isEmpty, let issuer else {
      return fail(.badRequest)
    }
    let sessions = settings.openIDLogins.filter { $0.settings.issuer == issuer }.flatMap {
      worker.services.providerSessions.sessions(login: $0.id, subject: nil, providerSessionID: sid)
    }
    endAll(sessions)
    flushed(sessions) { exchange in
      let body = [UInt8]("<!doctype html>\n<title>Signed out</title>\n".utf8)
      exchange.respond(LocalAnswer(status: 200, contentType: Page.contentType, body: body))
    }
  }

  private func endAll(_ sessions: [ProviderSession]) {
    let services = worker.services
    guard !sessions.isEmpty else { return }
    auditUser = sessions[0].state.account.user
    auditEvent = .logout
    for session in sessions {
      do throws(StoreError) {
        try services.store.revoke(session.facts.id, until: session.facts.notAfter, now: now)
      } catch {
        services.events.error("a logout cannot be kept", ["reason": "\(error)"])
      }
      services.end(session, rules.generation.providerSessionSealer, now: now)
      destroyForms(of: HeldFormOwner(site: session.facts.site, key: session.facts.login + "\n" + session.state.account.user))
    }
    siteState?.settings.memory.logouts.add(sessions.count, ordering: .relaxed)
  }

  /// Goes on once the ends of these sessions are on the disk; at once where there are none, since anybody may ask.
  private func flushed(_ sessions: [ProviderSession], _ then: @escaping @Sendable (Exchange) -> Void) {
    guard !sessions.isEmpty else { return then(self) }
    let services = worker.services
    wait(
      for: { (try? await services.pool.run { (try? services.store.flush()) != nil }) ?? false },
      then: { exchange, isWritten in if isWritten { then(exchange) } else { exchange.fail(.internalError) } })
  }

  // MARK: To the provider

  /// What the logout page shows after a session has ended: that it is over, or the way on to the provider.
  func showSignedOut(_ content: SessionContent, _ tokens: ProviderTokens?) {
    guard let state = siteState, let audience else { return fail(.internalError) }
    let signedOut = state.settings.pages.signedOut(host: hostText)
    guard let login = state.settings.openIDLogin(content.login), login.settings.logout == .provider else {
      return respond(.page(signedOut))
    }
    let handle = worker.loop.handle
    wait(
      for: { () async -> ProviderMetadata? in try? await login.provider.metadata(on: handle) },
      then: { exchange, metadata in
        let request = EndSessionRequest(
          clientID: login.settings.clientID, returnAddress: "\(audience.origin)/.anteroom/logout", idToken: tokens?.identity)
        guard let metadata, let address = request.address(metadata: metadata) else { return exchange.respond(.page(signedOut)) }
        let pages = exchange.siteState?.settings.pages ?? .unbranded
        exchange.respond(.page(pages.leaveProvider(address: address, host: exchange.hostText)))
      })
  }
}
