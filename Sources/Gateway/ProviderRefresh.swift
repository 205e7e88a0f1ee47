import Audit
import Crypto
import EventLoop
import JOSE
import Login
import OpenID
import Session

extension Exchange {
  /// Has the tokens renewed where they run out; false if this request waits for that.
  func renewTokens(_ session: OpenedSession) -> Bool {
    let now = now
    guard let provider = session.provider, provider.isDue(now),
      let login = siteState?.settings.openIDLogin(session.content.login)
    else { return true }
    let isExpired = provider.isExpired(now)
    if provider.beginRefresh() {
      let refresh = TokenRefresh(
        session: provider, login: login, sealer: rules.generation.providerSessionSealer, services: worker.services, now: now)
      let handle = worker.loop.handle
      Task(executorPreference: handle) { await refresh.run(on: handle) }
    }
    // While the token is still good nobody waits for the next one.
    guard isExpired, !(tokenUse?.hasWaited ?? false) else { return true }
    tokenUse = TokenUse(hasWaited: true)
    wait(for: { await provider.refreshEnded() }, then: { exchange, _ in exchange.authorizeAgain() })
    return false
  }
}

/// Renews one session's tokens, and reads anew who the person is.
struct TokenRefresh: Sendable {
  let session: ProviderSession
  let login: OpenIDLogin
  let sealer: ProviderSessionSealer
  let services: Services
  /// In seconds since 1970 UTC.
  let now: Int64

  /// How long a provider that does not answer is left alone, in seconds.
  private static let pause: Int64 = 30

  func run(on handle: LoopHandle) async {
    // What both of two processes would ask with counts once at many providers: the one that goes asks no more.
    guard services.renewals.begin() else { return session.finishRefresh(.postponed(until: now + Self.pause)) }
    defer { services.renewals.end() }
    let outcome = await outcome(on: handle)
    session.finishRefresh(outcome)
    switch outcome {
    case .renewed: services.keep(session, sealer, now: now)
    case .refused: services.end(session, sealer, now: now)
    case .postponed: break
    }
  }

  private func outcome(on handle: LoopHandle) async -> ProviderSession.RefreshOutcome {
    var state = session.state
    let crypto = CryptoContext()
    guard var tokens = sealer.tokens(state.sealedTokens, id: session.facts.id, using: crypto) else {
      return refuse("its tokens were sealed with a key that is gone")
    }
    guard let refresh = tokens.refresh else {
      // There is nothing to renew with: what the app was given is of no use any more.
      tokens.access = nil
      state.sealedTokens = sealer.seal(tokens, id: session.facts.id, now: now, using: crypto)
      (state.refreshAt, state.expiresAt) = (.max, .max)
      return .renewed(state)
    }
    let answer: TokenAnswer
    do throws(RefreshFault) {
      answer = try await login.provider.refreshed(refresh, on: handle)
    } catch {
      switch error {
      case .refused(let reason): return refuse(reason)
      case .unreachable(let fault): return postpone("\(fault)")
      }
    }
    tokens.refresh = answer.refreshToken ?? refresh
    tokens.access = login.settings.accessTokenHeader == nil ? nil : answer.accessToken
    if let identity = answer.idToken { tokens.identity = String(decoding: identity, as: UTF8.self) }
    let times = TokenTimes(expiresIn: answer.expiresIn, now: now)
    (state.refreshAt, state.expiresAt) = (times.refreshAt, times.expiresAt)
    switch await account(answer, on: handle) {
    case .known(let account): state.account = account
    case .unchanged: break
    case .unknown(let reason):
      // The refresh token may be good once only: what came with the answer is kept, whatever else fails.
      services.providerWarning.warn(["provider": login.settings.issuer, "reason": reason])
      state.refreshAt = min(state.refreshAt, now + Self.pause)
    case .refused(let reason): return refuse(reason)
    }
    state.sealedTokens = sealer.seal(tokens, id: session.facts.id, now: now, using: crypto)
    return .renewed(state)
  }

  private enum Reading {
    case known(ProviderAccount)
    /// The provider says nothing new.
    case unchanged
    /// It could not be asked.
    case unknown(String)
    case refused(String)
  }

  private func account(_ answer: TokenAnswer, on handle: LoopHandle) async -> Reading {
    let provider = login.provider
    var claims: JSONValue?
    if let token = answer.idToken {
      do throws(TokenFault) {
        claims = try await provider.idToken(
          token, nonce: nil, accessToken: answer.accessToken, subject: session.facts.subject, now: now, on: handle)
      } catch {
        // A key that is not known yet may be good: what is kept from others' sessions stays until it is.
        if case .refused(let reason) = error { return .refused(reason) }
        return .unknown("\(error)")
      }
    }
    let known = claims ?? .object(["sub": .text(session.facts.subject)])
    var userinfo: JSONValue?
    if let access = answer.accessToken, login.rules.wantsMore(than: known) {
      do throws(ProviderFault) {
        guard try await provider.metadata(on: handle).userinfoEndpoint != nil else { return claims == nil ? .unchanged : read(known, nil) }
        userinfo = try await provider.userinfo(accessToken: access, on: handle)
      } catch {
        return .unknown("\(error)")
      }
    }
    guard claims != nil || userinfo != nil else { return .unchanged }
    return read(known, userinfo)
  }

  private func read(_ claims: JSONValue, _ userinfo: JSONValue?) -> Reading {
    do throws(IdentityFault) {
      return .known(ProviderAccount(try login.rules.identity(claims, userinfo: userinfo)))
    } catch {
      return .refused("\(error)")
    }
  }

  private func postpone(_ reason: String) -> ProviderSession.RefreshOutcome {
    services.providerWarning.warn(["provider": login.settings.issuer, "reason": reason])
    return .postponed(until: now + Self.pause)
  }

  private func refuse(_ reason: String) -> ProviderSession.RefreshOutcome {
    services.events.info(
      "a session ends, since its provider does not renew it",
      ["provider": login.settings.issuer, "user": session.state.account.user, "reason": reason])
    return .refused
  }
}

/// When tokens are to be renewed, in seconds since 1970 UTC.
struct TokenTimes {
  let refreshAt: Int64
  let expiresAt: Int64

  /// Where a provider does not say how long its tokens are good.
  private static let usual: Int64 = 3600
  /// The most seconds before their end that they are renewed.
  private static let lead: Int64 = 60
  private static let longest: Int64 = 366 * 86_400

  init(expiresIn: Int64?, now: Int64) {
    let seconds = max(1, min(expiresIn ?? Self.usual, Self.longest))
    expiresAt = now + seconds
    refreshAt = expiresAt - min(Self.lead, max(1, seconds / 4))
  }
}

extension ProviderAccount {
  init(_ identity: Identity) {
    self.init(user: identity.user, name: identity.name, email: identity.email, groups: identity.groups)
  }
}
