import Audit
import Crypto
import EventLoop
import HTTP
import JOSE
import Login
import OpenID
import Pages
import Session

/// Signing in at an identity provider (OpenID Connect Core 1.0, section 3.1).
extension Exchange {
  // MARK: To the provider

  /// Sends the browser to a provider, with all that is to be known when it comes back sealed in `state`.
  func beginSignIn(at login: OpenIDLogin, ticket: [UInt8], selectsAccount: Bool) {
    guard let audience else { return fail(.badRequest) }
    let attempt = SignInAttempt(login: login.id, ticket: carried(ticket), now: now)
    let state = rules.generation.attempts.seal(attempt, audience: audience, binding: bindingForAnswer(), using: worker.crypto)
    let handle = worker.loop.handle
    wait(
      for: { () async -> Result<ProviderMetadata, ProviderFault> in
        do throws(ProviderFault) { return .success(try await login.provider.metadata(on: handle)) } catch { return .failure(error) }
      },
      then: { exchange, metadata in
        switch metadata {
        case .success(let metadata):
          let request = AuthorizationRequest(
            login.settings, redirectURI: exchange.redirectURI(audience), state: state, nonce: attempt.nonce, verifier: attempt.verifier,
            prompt: selectsAccount ? "select_account" : nil)
          exchange.respond(.redirect(302, to: [UInt8](request.address(metadata: metadata).utf8)))
        case .failure(let fault):
          exchange.trouble(.providerUnreachable, login, ticket: ticket, reason: "\(fault)")
        }
      })
  }

  private func redirectURI(_ audience: Audience) -> String { "\(audience.origin)/.anteroom/callback" }

  /// A ticket as an attempt carries it: a long one waits in the store, since providers take addresses of some length only.
  private func carried(_ ticket: [UInt8]) -> SignInAttempt.Ticket {
    guard !ticket.isEmpty else { return .none }
    guard ticket.count > SignInAttempts.maximumInline else { return .inline(ticket) }
    guard let connection, let network = clientNetwork(connection),
      let id = try? worker.services.store.putReturn(ticket, from: network.bytes, lifetime: SignInAttempts.lifetime, now: now)
    else { return .none }
    return .stored(id)
  }

  private func ticket(of attempt: SignInAttempt) -> [UInt8] {
    switch attempt.ticket {
    case .none: []
    case .inline(let ticket): ticket
    case .stored(let id): (try? worker.services.store.pendingReturn(id, now: now)) ?? []
    }
  }

  // MARK: And back

  /// What a provider sends by a form: the browser brings it again, with its cookies.
  func takePostedAnswer(_ form: [UInt8]) {
    guard let audience, siteState?.settings.hasOpenIDLogin ?? false else { return fail(.notFound) }
    guard let sealed = rules.generation.postedAnswers.seal(form, audience: audience, now: now, using: worker.crypto) else {
      return fail(.contentTooLarge)
    }
    respond(.redirect(303, to: [UInt8]("/.anteroom/callback?answer=\(sealed)".utf8)))
  }

  /// The provider's answer, in the address or in a form that came before.
  func takeCallback() {
    guard let audience, siteState?.settings.hasOpenIDLogin ?? false else { return fail(.notFound) }
    var query = head.query.map { Array(headBytes[$0.range]) } ?? []
    if let sealed = URLEncodedForm(query.span)?.value("answer") {
      guard let form = rules.generation.postedAnswers.open(sealed.span, audience: audience, now: now, using: worker.crypto) else {
        return trouble(.tooOld, nil, ticket: [], reason: "the provider's form is too old, or none that came here")
      }
      query = form
    }
    let answer = AuthorizationAnswer(form: query)
    guard let state = URLEncodedForm(query.span)?.value("state") else {
      // Anybody may come here with anything.
      return trouble(.tooOld, nil, ticket: [], reason: "the answer has no state, or more than one")
    }
    let outcome = rules.generation.attempts.open(
      state.span, audience: audience, bindings: bindings, now: now, using: worker.crypto)
    switch outcome {
    case .none: trouble(.tooOld, nil, ticket: [], reason: "no attempt that was begun here")
    case .otherBrowser: trouble(.otherBrowser, nil, ticket: [], reason: "begun in another browser, or its cookie is gone")
    case .tooOld(let attempt):
      trouble(.tooOld, siteState?.settings.openIDLogin(attempt.login), ticket: ticket(of: attempt), reason: "begun too long ago")
    case .genuine(let attempt): take(answer, attempt, audience)
    }
  }

  private func take(_ answer: AuthorizationAnswer, _ attempt: SignInAttempt, _ audience: Audience) {
    let ticket = ticket(of: attempt)
    guard let login = siteState?.settings.openIDLogin(attempt.login) else {
      return trouble(.tooOld, nil, ticket: ticket, reason: "this login is not configured any more")
    }
    if case .code = answer {} else if goOnWithSession(since: attempt, login, ticket, audience) { return }
    switch answer {
    case .code(let code, _, _):
      guard login.exchanges.enter() else {
        auditEvent = .login(.failed)
        auditReason = "too many logins at once"
        return fail(.loginBusy, retryAfter: 5)
      }
      let fingerprint = Base64URL.encode(SHA256.hash([UInt8](code.utf8)))
      guard login.usedCodes.use(fingerprint, until: now + Self.codeLifetime, now: now) else {
        _ = login.exchanges.leave()
        if goOnWithSession(since: attempt, login, ticket, audience) { return }
        return trouble(.tooOld, login, ticket: ticket, reason: "it came twice, and is used already")
      }
      let signIn = ProviderSignIn(
        login: login, attempt: attempt, answer: answer, redirectURI: redirectURI(audience), now: now)
      // What the trail says if the client, or the gateway, is gone before the provider has answered.
      auditEvent = .login(.failed)
      auditReason = "given up"
      let handle = worker.loop.handle
      wait(
        for: {
          defer { _ = login.exchanges.leave() }
          return await signIn.run(on: handle)
        },
        then: { exchange, outcome in exchange.signedIn(outcome, login, ticket, audience) })
    case .error(let code, _, let issuer):
      // Whoever did not send this cannot say why it failed either (RFC 9207).
      if let issuer, issuer != login.settings.issuer {
        return trouble(.unusableAnswer, login, ticket: ticket, reason: "the answer comes from another issuer")
      }
      trouble(SignInTrouble(error: code), login, ticket: ticket, reason: "the provider says \(code)")
    case .malformed:
      trouble(.unusableAnswer, login, ticket: ticket, reason: "the provider's answer is malformed")
    }
  }

  /// How long a code is remembered, in seconds: no provider takes one that is older.
  private static let codeLifetime: Int64 = 600

  /// It came twice, or somebody has signed in meanwhile: on to this tab's own patient. False where nobody has.
  private func goOnWithSession(since attempt: SignInAttempt, _ login: OpenIDLogin, _ ticket: [UInt8], _ audience: Audience) -> Bool {
    authenticate()
    guard let session, session.content.login == login.id, session.content.authenticatedAt >= attempt.startedAt else { return false }
    follow(ticket, session.content, audience, status: 302)
    return true
  }

  private func signedIn(_ outcome: ProviderSignIn.Outcome, _ login: OpenIDLogin, _ ticket: [UInt8], _ audience: Audience) {
    switch outcome {
    case .signedIn(let signIn): establish(signIn, login, ticket, audience)
    case .unreachable(let reason): trouble(.providerUnreachable, login, ticket: ticket, reason: reason)
    case .unusable(let reason): trouble(.unusableAnswer, login, ticket: ticket, reason: reason)
    case .notAllowed(let user):
      auditUser = user
      trouble(.notAllowed, login, ticket: ticket, reason: "not among those whom the site allows")
    }
  }

  private func establish(_ signIn: ProviderSignIn.SignedIn, _ login: OpenIDLogin, _ ticket: [UInt8], _ audience: Audience) {
    guard let state = siteState else { return fail(.internalError) }
    authenticate()
    if let old = session {
      // Another tab was quicker: it is the same person, whose requests may be under way.
      if old.provider?.facts.subject == signIn.subject, old.content.login == login.id, !asksAgain(ticket, audience, since: old) {
        takeOver(signIn, old)
        return follow(ticket, old.content, audience, status: 302)
      }
      // The session that this one takes the place of does not live on beside it.
      revoke(old)
    }
    let services = worker.services
    let sealer = rules.generation.providerSessionSealer
    let id = SessionID.random()
    let account = signIn.account
    let notAfter = state.settings.rules.notAfter(authenticatedAt: now)
    let facts = ProviderSession.Facts(
      id: id, site: state.settings.site.name, login: login.id, subject: signIn.subject, providerSessionID: signIn.providerSessionID,
      authenticatedAt: now, notAfter: notAfter)
    let kept = ProviderSession(
      facts,
      ProviderSession.State(
        account: account, sealedTokens: sealer.seal(signIn.tokens, id: id, now: now, using: worker.crypto), refreshAt: signIn.refreshAt,
        expiresAt: signIn.expiresAt))
    if let oldest = services.providerSessions.insert(kept, now: now) { services.makeRoom(oldest, sealer, now: now) }
    let content = SessionContent(
      id: id, login: login.id, user: account.user, name: account.name, email: account.email, groups: account.groups, stamp: login.stamp,
      authenticatedAt: now, lastActivity: now, notAfter: notAfter)
    guard begin(content) else { return services.end(kept, sealer, now: now) }
    services.keep(kept, sealer, now: now)
    follow(ticket, content, audience, status: 302)
  }

  /// The session that is there goes on with what the provider has said now.
  private func takeOver(_ signIn: ProviderSignIn.SignedIn, _ old: OpenedSession) {
    auditUser = signIn.account.user
    auditEvent = .login(.signedIn)
    auditReason = nil
    // A refresh that is under way brings as new an answer.
    guard let provider = old.provider, provider.beginRefresh() else { return }
    let sealer = rules.generation.providerSessionSealer
    let tokens = sealer.seal(signIn.tokens, id: old.id, now: now, using: worker.crypto)
    provider.finishRefresh(
      .renewed(
        ProviderSession.State(
          account: signIn.account, sealedTokens: tokens, refreshAt: signIn.refreshAt, expiresAt: signIn.expiresAt)))
    worker.services.keep(provider, sealer, now: now)
  }

  // MARK: Trouble

  /// Says what went wrong, and keeps the ticket for the next try.
  func trouble(_ trouble: SignInTrouble, _ login: OpenIDLogin?, ticket: [UInt8], reason: String) {
    guard let state = siteState else { return fail(.internalError) }
    auditEvent = trouble.isRefusal ? .login(.refused) : .login(.failed)
    auditReason = reason
    if trouble.isRefusal { state.settings.memory.refusedLogins.add(1, ordering: .relaxed) }
    worker.services.signInWarning.warn(
      ["provider": login?.settings.issuer ?? "", "request": requestID.text, "reason": String(reason.prefix(500))])
    if trouble == .providerUnreachable { end = .fault }
    let settings = state.settings
    let place = settings.logins.firstIndex { $0.id == login?.id }
    let with = settings.logins.count > 1 ? place.map { "with=\($0 + 1)" } ?? "" : ""
    let retry =
      trouble == .notAllowed
      ? LoginChoice(label: "Sign in with another account", address: Self.loginAddress([with, "select=1"], ticket))
      : LoginChoice(label: "Try again", address: Self.loginAddress([with], ticket))
    let others =
      settings.logins.count > 1 ? LoginChoice(label: "Sign in another way", address: choiceAddress(ticket)) : nil
    var answer = LocalAnswer.page(
      settings.pages.signInTrouble(trouble, retry: retry, others: others, requestID: requestID.text, host: hostText),
      status: trouble.status)
    if trouble == .providerUnreachable { answer.fields.append(("Retry-After", "10")) }
    respond(answer)
  }
}

extension SignInTrouble {
  /// For an error code of a provider (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6).
  init(error: String) {
    switch error {
    case "access_denied", "consent_required": self = .denied
    case "login_required", "interaction_required", "account_selection_required": self = .loginRequired
    case "temporarily_unavailable", "server_error": self = .providerUnreachable
    default: self = .unusableAnswer
    }
  }

  /// Somebody was turned away, rather than something being broken.
  var isRefusal: Bool {
    switch self {
    case .denied, .loginRequired, .notAllowed, .otherBrowser, .tooOld: true
    case .providerUnreachable, .unusableAnswer: false
    }
  }
}
