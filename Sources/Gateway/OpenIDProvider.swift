import Audit
import Config
import EventLoop
import Fetch
import JOSE
import OpenID
import TLS

/// A provider of one login, as all loops share it: what it says of itself and its keys, kept up to date, and the requests to it. Its IO is done on
/// the loop that asks.
final class OpenIDProvider: Sendable {
  let settings: OpenIDLoginSettings
  let documents: ProviderDocuments
  let client: ProviderClient
  private let metadata: SharedDocument<ProviderMetadata>
  private let keys: SharedDocument<JSONWebKeySet>
  private let tokenWarning: RepeatedWarning?

  // Before they run out, so that nobody waits.
  private static let margin: Int64 = 30

  /// Reads the files of the settings; blocks for them.
  /// - Parameters:
  ///   - pool: for name look-ups, and for answers that take long to read.
  ///   - clock: seconds, never going back.
  /// - Throws: `Diagnostic`, when a file is faulty.
  init(
    _ settings: OpenIDLoginSettings, pool: BlockingPool, events: Events?,
    clock: @escaping @Sendable () -> Int64 = { System.monotonicMilliseconds() / 1000 }
  ) throws(Diagnostic) {
    self.settings = settings
    let fetcher = Fetcher(pool: pool, client: try ProviderFiles.client(settings.authorities))
    let documents = ProviderDocuments(issuer: settings.issuer, fetcher: fetcher)
    self.documents = documents
    client = ProviderClient(
      clientID: settings.clientID, credential: try ProviderFiles.credential(settings.credential), documents: documents, pool: pool)
    let warning = events.map { RepeatedWarning("a sign-in provider cannot be used", events: $0) }
    let report: @Sendable (ProviderFault?) -> Void = { [issuer = settings.issuer] fault in
      guard let fault else {
        events?.info("a sign-in provider can be used again", ["issuer": issuer])
        return
      }
      warning?.warn(["issuer": issuer, "reason": "\(fault)"])
    }
    let metadata = SharedDocument<ProviderMetadata>(
      clock: clock, load: { handle async throws(ProviderFault) in try await documents.metadata(on: handle) }, report: report)
    self.metadata = metadata
    keys = SharedDocument(
      clock: clock,
      load: { handle async throws(ProviderFault) in
        try await documents.keys(try await metadata.value(on: handle).value, on: handle)
      }, report: report)
    tokenWarning = events.map { RepeatedWarning("a sign-in provider refuses what it is asked", events: $0) }
  }

  // MARK: Documents

  /// What the provider says of itself. What has run out is used for a day while there is no getting a newer one.
  func metadata(on handle: LoopHandle) async throws(ProviderFault) -> ProviderMetadata { try await metadata.value(on: handle).value }

  /// Fetches what will soon have run out, or was never there. For a clock's tick: waits for nothing.
  func refreshInBackground(on handle: LoopHandle) {
    metadata.refreshAhead(margin: Self.margin, on: handle)
    // Its address is in the metadata.
    if metadata.fresh != nil { keys.refreshAhead(margin: Self.margin, on: handle) }
  }

  // MARK: Tokens

  /// Exchanges a code for tokens.
  func tokens(code: String, verifier: String, redirectURI: String, on handle: LoopHandle) async throws(ProviderFault) -> TokenAnswer {
    let metadata = try await metadata(on: handle)
    do throws(RefreshFault) {
      return try await client.tokens(.code(code, verifier: verifier, redirectURI: redirectURI), metadata, on: handle)
    } catch {
      tokenWarning?.warn(["issuer": settings.issuer, "reason": "\(error)"])
      throw error.provider
    }
  }

  /// Gets new tokens for a refresh token.
  func refreshed(_ refreshToken: String, on handle: LoopHandle) async throws(RefreshFault) -> TokenAnswer {
    let metadata: ProviderMetadata
    do throws(ProviderFault) { metadata = try await self.metadata(on: handle) } catch { throw .unreachable(error) }
    do throws(RefreshFault) {
      return try await client.tokens(.refresh(refreshToken), metadata, on: handle)
    } catch {
      // A session that has ended at the provider is no fault of anything.
      if case .unreachable(let fault) = error { tokenWarning?.warn(["issuer": settings.issuer, "reason": "\(fault)"]) }
      throw error
    }
  }

  /// What userinfo says, an object; whose it is has not been compared.
  func userinfo(accessToken: String, on handle: LoopHandle) async throws(ProviderFault) -> JSONValue {
    let metadata = try await metadata(on: handle)
    do throws(ProviderFault) { return try await client.userinfo(accessToken, metadata, on: handle) } catch {
      tokenWarning?.warn(["issuer": settings.issuer, "reason": "\(error)"])
      throw error
    }
  }

  // MARK: Verification

  /// The claims of an ID token.
  /// - Parameters:
  ///   - nonce: `nil` at a refresh.
  ///   - subject: whose it must be, at a refresh.
  ///   - now: seconds since 1970.
  func idToken(
    _ token: [UInt8], nonce: String?, accessToken: String?, subject: String?, now: Int64, on handle: LoopHandle
  ) async throws(TokenFault) -> JSONValue {
    // What `max_age` asks for was asked of the login, and is no more true at a refresh.
    let maxAge = subject == nil ? settings.maxAge?.components.seconds : nil
    return try await verify(on: handle) { [settings] metadata, keys throws(TokenFault) in
      try IDTokenCheck(
        issuer: metadata.tokenIssuer, clientID: settings.clientID, algorithms: metadata.algorithms, nonce: nonce, accessToken: accessToken,
        maxAge: maxAge, subject: subject
      ).verify(token, keys: keys, now: now)
    }
  }

  /// Whose sessions a logout token ends.
  func logoutToken(
    _ token: [UInt8], now: Int64, on handle: LoopHandle
  ) async throws(TokenFault) -> (subject: String?, sessionID: String?, tokenID: String, expires: Int64) {
    try await verify(on: handle) { [settings] metadata, keys throws(TokenFault) in
      try LogoutTokenCheck(issuer: metadata.tokenIssuer, clientID: settings.clientID, algorithms: metadata.algorithms)
        .verify(token, keys: keys, now: now)
    }
  }

  /// The claims of an access token that a program brings.
  func accessToken(_ token: [UInt8], now: Int64, on handle: LoopHandle) async throws(TokenFault) -> JSONValue {
    guard let check = accessTokenCheck else { throw .refused("no access tokens are taken here") }
    return try await verify(on: handle) { metadata, keys throws(TokenFault) in try check(metadata).verify(token, keys: keys, now: now) }
  }

  /// As `accessToken`, at once; `nil` when that takes asking the provider.
  func verifiedAccessToken(_ token: [UInt8], now: Int64) throws(TokenFault) -> JSONValue? {
    guard let check = accessTokenCheck else { throw .refused("no access tokens are taken here") }
    guard let metadata = metadata.fresh, let keys = keys.fresh else { return nil }
    do throws(TokenFault) { return try check(metadata).verify(token, keys: keys, now: now) } catch {
      if error == .unknownKey { return nil }
      throw error
    }
  }

  private var accessTokenCheck: ((ProviderMetadata) -> AccessTokenCheck)? {
    settings.bearer.map { [clientID = settings.clientID] bearer in
      { AccessTokenCheck(issuer: $0.tokenIssuer, audience: bearer.audience, clientID: clientID, algorithms: $0.algorithms) }
    }
  }

  /// Tries the keys that are known, and newer ones if the token's is not among them.
  private func verify<Claims>(
    on handle: LoopHandle, _ check: (ProviderMetadata, JSONWebKeySet) throws(TokenFault) -> Claims
  ) async throws(TokenFault) -> Claims {
    let metadata: ProviderMetadata
    let known: SharedDocument<JSONWebKeySet>.Held
    do throws(ProviderFault) {
      metadata = try await self.metadata(on: handle)
      known = try await keys.value(on: handle)
    } catch {
      throw .unavailable(error)
    }
    do throws(TokenFault) { return try check(metadata, known.value) } catch {
      guard error == .unknownKey else { throw error }
    }
    let newer: JSONWebKeySet
    do throws(ProviderFault) { newer = try await keys.newer(than: known.version, on: handle).value } catch {
      throw error == CachedDocument<JSONWebKeySet>.askedAlready ? .unknownKey : .unavailable(error)
    }
    return try check(metadata, newer)
  }
}
