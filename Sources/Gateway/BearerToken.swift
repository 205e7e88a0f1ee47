import EventLoop
import HTTP
import JOSE
import OpenID
import Pages
import Session

/// Programs that bring an access token (RFC 6750) instead of a cookie.
extension Exchange {
  enum ProgramOutcome {
    /// It brings no token, or the site takes none.
    case none
    case program(OpenedSession)
    /// It has its answer, or waits for it.
    case answered
  }

  private enum Credentials {
    case none, malformed
    case token([UInt8])
  }

  /// Judges the request's access token.
  func authenticateProgram(_ settings: SiteSettings) -> ProgramOutcome {
    let logins = settings.openIDLogins.filter { $0.settings.bearer != nil }
    // Told to programs that bring nothing (RFC 6750, section 3).
    tokenUse = TokenUse(challenge: "Bearer realm=\"anteroom\"")
    switch credentials() {
    case .none: return .none
    case .malformed:
      refuseProgram(.badRequest, error: "invalid_request", "one Authorization field with one token is expected")
      return .answered
    case .token(let token):
      if let known = siteState?.programs.program(with: token, now: now) { return .program(begin(known)) }
      for login in logins {
        if let claims = try? login.provider.verifiedAccessToken(token, now: now) { return judge(claims, login, token) }
      }
      let (handle, now) = (worker.loop.handle, now)
      wait(
        for: { await Self.verify(token, logins, now: now, on: handle) },
        then: { exchange, verified in
          switch verified {
          case .success(let found):
            if case .program = exchange.judge(found.claims, found.login, token) { exchange.authorizeAgain() }
          case .failure(.unavailable): exchange.fail(.unavailable, retryAfter: 10)
          case .failure(let fault): exchange.refuseProgram(.signInNeeded, error: "invalid_token", "\(fault)")
          }
        })
      return .answered
    }
  }

  /// Beside a session no token is looked at, and so none goes on: the app takes those that it gets for judged.
  func dropUnjudgedToken() {
    guard head.present.contains(.authorization) else { return }
    if case .none = credentials() { return }
    tokenUse = TokenUse(dropsAuthorization: true, hasWaited: tokenUse?.hasWaited ?? false)
  }

  private func credentials() -> Credentials {
    guard head.fieldCount(.authorization) > 0 else { return .none }
    guard let range = onlyField(.authorization) else { return .malformed }
    let value = headBytes[range]
    let scheme = value.prefix(6).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    let rest = value.dropFirst(6)
    // Other schemes are the app's own business; what is none of them an app may well read as this one.
    guard scheme.elementsEqual("bearer".utf8), !(rest.first.map(isTokenByte) ?? false) else { return .none }
    guard rest.first == 0x20 else { return .malformed }
    let token = rest.drop { $0 == 0x20 }
    let isToken = token.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2B, 0x2F, 0x3D: true
      default: false
      }
    }
    return token.isEmpty || !isToken ? .malformed : .token(Array(token))
  }

  private struct Verified: Sendable {
    let login: OpenIDLogin
    let claims: JSONValue
  }

  private static func verify(
    _ token: [UInt8], _ logins: [OpenIDLogin], now: Int64, on handle: LoopHandle
  ) async -> Result<Verified, TokenFault> {
    var fault = TokenFault.refused("no provider takes it")
    for login in logins {
      do throws(TokenFault) {
        return .success(Verified(login: login, claims: try await login.provider.accessToken(token, now: now, on: handle)))
      } catch {
        // Nobody may say that a token is bad while the one who gave it cannot be asked.
        fault = fault.outweighing(error)
      }
    }
    return .failure(fault)
  }

  /// Whom the claims of a token that holds speak of.
  private func judge(_ claims: JSONValue, _ login: OpenIDLogin, _ token: [UInt8]) -> ProgramOutcome {
    guard let state = siteState else {
      fail(.internalError)
      return .answered
    }
    let identity: Identity
    do throws(IdentityFault) { identity = try login.rules.identity(claims, userinfo: nil) } catch {
      if case .notAllowed = error {
        refuseProgram(.forbidden, error: "insufficient_scope", "the site does not let this account in")
      } else {
        refuseProgram(.signInNeeded, error: "invalid_token", "\(error)")
      }
      return .answered
    }
    let expires = claims["exp"]?.seconds ?? now
    let content = SessionContent(
      id: .random(), login: login.id, user: identity.user, name: identity.name, email: identity.email, groups: identity.groups,
      stamp: login.stamp, authenticatedAt: now, lastActivity: now, notAfter: expires)
    let known = Programs.Known(
      session: OpenedSession(content, identityLines: state.settings.identityLines(content)),
      forwards: login.settings.bearer?.forwards ?? false, until: Programs.until(expires: expires, now: now))
    state.programs.remember(known, token: token)
    return .program(begin(known))
  }

  private func begin(_ program: Programs.Known) -> OpenedSession {
    tokenUse = TokenUse(isProgram: true, dropsAuthorization: !program.forwards)
    session = program.session
    return program.session
  }

  private func refuseProgram(_ failure: Failure, error: String, _ description: String) {
    // What a quoted string cannot hold is left out (RFC 6750, section 3).
    let words = description.filter { $0.isASCII && $0 != "\"" && $0 != "\\" && !$0.isNewline }
    tokenUse = TokenUse(
      isProgram: true, challenge: "Bearer realm=\"anteroom\", error=\"\(error)\", error_description=\"\(words.prefix(200))\"")
    auditReason = "access token: \(words.prefix(200))"
    fail(failure)
  }
}
