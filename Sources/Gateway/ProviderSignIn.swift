import EventLoop
import JOSE
import Login
import OpenID
import Session

/// What happens between the provider's answer and a session: the code is exchanged, the ID token checked, and the person's claims are read.
struct ProviderSignIn: Sendable {
  struct SignedIn: Sendable {
    let account: ProviderAccount
    let subject: String
    let providerSessionID: String?
    let tokens: ProviderTokens
    /// In seconds since 1970 UTC.
    let refreshAt: Int64
    let expiresAt: Int64
  }

  enum Outcome: Sendable {
    case signedIn(SignedIn)
    /// The provider, or a part of it, does not answer as it should.
    case unreachable(String)
    /// What it says cannot be believed, or does not say who it is.
    case unusable(String)
    /// Who it is, but not somebody whom the site lets in.
    case notAllowed(user: String?)
  }

  let login: OpenIDLogin
  let attempt: SignInAttempt
  let answer: AuthorizationAnswer
  let redirectURI: String
  /// In seconds since 1970 UTC.
  let now: Int64

  private static let longestSessionID = 255

  func run(on handle: LoopHandle) async -> Outcome {
    let claims: JSONValue
    let tokens: TokenAnswer
    let userinfo: JSONValue?
    do throws(ProviderFault) {
      let metadata = try await login.provider.metadata(on: handle)
      // RFC 9207: a code of one provider is never taken to another.
      guard answer.mayCome(from: metadata), case .code(let code, _, _) = answer else {
        return .unusable("the answer comes from another issuer, or does not name its own")
      }
      tokens = try await login.provider.tokens(code: code, verifier: attempt.verifier, redirectURI: redirectURI, on: handle)
      guard let token = tokens.idToken else { return .unusable("the provider has sent no ID token (is `openid` among its scopes?)") }
      switch await verified(token, tokens, on: handle) {
      case .success(let verified): claims = verified
      case .failure(.unavailable(let fault)): return .unreachable("\(fault)")
      case .failure(let fault): return .unusable("\(fault)")
      }
      userinfo = try await more(claims, tokens, metadata, on: handle)
    } catch {
      return .unreachable("\(error)")
    }
    do throws(IdentityFault) {
      return .signedIn(signedIn(try login.rules.identity(claims, userinfo: userinfo), claims, tokens))
    } catch {
      if case .unusable(let reason) = error { return .unusable(reason) }
      return .notAllowed(user: claims[login.settings.claims.user]?.text)
    }
  }

  private func verified(_ token: [UInt8], _ answer: TokenAnswer, on handle: LoopHandle) async -> Result<JSONValue, TokenFault> {
    do throws(TokenFault) {
      return .success(
        try await login.provider.idToken(
          token, nonce: attempt.nonce, accessToken: answer.accessToken, subject: nil, now: now, on: handle))
    } catch {
      return .failure(error)
    }
  }

  private func more(
    _ claims: JSONValue, _ answer: TokenAnswer, _ metadata: ProviderMetadata, on handle: LoopHandle
  ) async throws(ProviderFault) -> JSONValue? {
    guard login.rules.wantsMore(than: claims), metadata.userinfoEndpoint != nil, let access = answer.accessToken else { return nil }
    return try await login.provider.userinfo(accessToken: access, on: handle)
  }

  private func signedIn(_ identity: Identity, _ claims: JSONValue, _ answer: TokenAnswer) -> SignedIn {
    let forwards = login.settings.accessTokenHeader != nil
    let tokens = ProviderTokens(
      refresh: answer.refreshToken, access: forwards ? answer.accessToken : nil,
      // Only a logout at the provider needs it.
      identity: login.settings.logout == .provider ? answer.idToken.map { String(decoding: $0, as: UTF8.self) } : nil)
    let times = TokenTimes(expiresIn: answer.expiresIn, now: now)
    let follows = answer.refreshToken != nil || forwards
    return SignedIn(
      account: ProviderAccount(identity), subject: identity.subject,
      providerSessionID: claims["sid"]?.text.flatMap { $0.utf8.count <= Self.longestSessionID ? $0 : nil }, tokens: tokens,
      refreshAt: follows ? times.refreshAt : .max, expiresAt: follows ? times.expiresAt : .max)
  }
}
