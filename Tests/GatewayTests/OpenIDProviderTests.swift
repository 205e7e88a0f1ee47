import Audit
import Config
import EventLoop
import JOSE
import OpenID
import Synchronization
import TestKeys
import TestServers
import Testing

@testable import Gateway

/// A provider on loopback that says what a test wants, and the gateway's side of it.
private final class ProviderBench: Sendable {
  /// What the provider has, and what was asked of it.
  final class State: Sendable {
    let key = Mutex<(key: TestKey, id: String)?>(nil)
    let requests = Mutex<[String]>([])
    /// By path: status, media type and body in place of what is right.
    let instead = Mutex<[String: (Int, String, String)]>([:])
    let clock = Atomic<Int64>(1000)
    let issuer = Mutex("")

    func count(_ path: String) -> Int { requests.withLock { $0.count { $0.contains(" \(path) ") } } }

    func answer(_ connection: TestConnection) {
      let request = connection.request()
      requests.withLock { $0.append(request) }
      let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      if let (status, type, body) = instead.withLock({ $0[path] }) {
        return connection.answer(status, ["Content-Type: \(type)"], body)
      }
      let issuer = issuer.withLock { $0 }
      switch path {
      case "/.well-known/openid-configuration":
        connection.answer(
          200, ["Content-Type: application/json", "Cache-Control: max-age=3600"],
          """
          {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token","jwks_uri":"\(issuer)/keys",
          "userinfo_endpoint":"\(issuer)/userinfo","response_types_supported":["code"],"subject_types_supported":["public"],
          "id_token_signing_alg_values_supported":["RS256","ES256"],"code_challenge_methods_supported":["S256"]}
          """)
      case "/keys":
        let keys = key.withLock { key in key.map { $0.key.jwk(",\"kid\":\"\($0.id)\"") } ?? "" }
        connection.answer(200, ["Cache-Control: max-age=3600"], "{\"keys\":[\(keys)]}")
      case "/token":
        connection.answer(#"{"access_token":"at","token_type":"Bearer","refresh_token":"rt","id_token":"i.d.t","expires_in":300}"#)
      case "/userinfo": connection.answer(#"{"sub":"s"}"#)
      default: connection.answer(404, [], "")
      }
    }
  }

  let state = State()
  let provider: OpenIDProvider
  let loop: LoopThread
  private let pool: BlockingPool
  private let server: TestServer

  init(_ change: (inout OpenIDLoginSettings) -> Void = { _ in }) throws {
    let state = state
    state.key.withLock { $0 = (try? TestKey(.p256)).map { ($0, "1") } }
    server = try TestServer { state.answer($0) }
    let issuer = "http://\(server.address)"
    state.issuer.withLock { $0 = issuer }
    var settings = OpenIDLoginSettings(issuer: issuer, clientID: "c", credential: .secret("s"))
    change(&settings)
    pool = try BlockingPool(name: "provider-pool", threads: 1, limit: 8)
    provider = try OpenIDProvider(settings, pool: pool, events: nil) { state.clock.load(ordering: .relaxed) }
    loop = try LoopThread(name: "provider") { _ in }
  }

  deinit {
    loop.stop()
    loop.join()
    pool.finish()
    server.stop()
  }

  func instead(_ path: String, _ status: Int, _ body: String, _ type: String = "application/json") {
    state.instead.withLock { $0[path] = (status, type, body) }
  }

  func pass(_ seconds: Int64) { state.clock.add(seconds, ordering: .relaxed) }

  func rotate(_ id: String) throws {
    let key = try TestKey(.p256)
    state.key.withLock { $0 = (key, id) }
  }

  func token(_ more: [String: JSONValue] = [:], nonce: String? = "n") throws -> [UInt8] {
    var claims: [String: JSONValue] = [
      "iss": .text(provider.settings.issuer), "aud": .text("c"), "sub": .text("s"), "exp": .integer(2000), "iat": .integer(1000),
    ]
    if let nonce { claims["nonce"] = .text(nonce) }
    let (key, id) = try #require(state.key.withLock { $0 })
    return Array(try signedToken(claims: .object(claims.merging(more) { $1 }), key: try key.privateKey(), keyID: id).utf8)
  }

  func claims(_ token: [UInt8]) async throws -> JSONValue {
    try await provider.idToken(token, nonce: "n", accessToken: nil, subject: nil, now: 1000, on: loop.handle)
  }
}

@Suite struct OpenIDProviderTests {
  @Test("metadata are fetched once, and anew when they have run out")
  func metadata() async throws {
    let bench = try ProviderBench()
    let first = try await bench.provider.metadata(on: bench.loop.handle)
    #expect(first.tokenEndpoint == bench.provider.settings.issuer + "/token")
    bench.pass(3599)
    _ = try await bench.provider.metadata(on: bench.loop.handle)
    #expect(bench.state.count("/.well-known/openid-configuration") == 1)
    bench.pass(1)
    _ = try await bench.provider.metadata(on: bench.loop.handle)
    for _ in 0..<500 where bench.state.count("/.well-known/openid-configuration") < 2 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(bench.state.count("/.well-known/openid-configuration") == 2)
  }

  @Test(
    "a provider that is another one, down, or says something else is told of, and not asked again at once",
    arguments: [
      (200, #"{"issuer":"https://evil.test"}"#, "https://evil.test"), (500, "{}", "status 500"), (404, "", "is `issuer` right?"),
      (200, "<html>", "no JSON"), (302, "", "status 302"), (200, "\"text\"", "issuer"),
    ])
  func faults(_ status: Int, _ body: String, _ words: String) async throws {
    let bench = try ProviderBench()
    bench.instead("/.well-known/openid-configuration", status, body, "text/html")
    for _ in 0..<3 {
      do throws(ProviderFault) {
        _ = try await bench.provider.metadata(on: bench.loop.handle)
        Issue.record("it passed")
      } catch {
        #expect("\(error)".contains(words))
      }
    }
    #expect(bench.state.count("/.well-known/openid-configuration") == 1)
    bench.state.instead.withLock { $0 = [:] }
    bench.pass(5)
    _ = try await bench.provider.metadata(on: bench.loop.handle)
  }

  @Test("a code is exchanged with the client's secret, and a refresh token too")
  func tokens() async throws {
    let bench = try ProviderBench()
    let answer = try await bench.provider.tokens(code: "k", verifier: "v", redirectURI: "https://a.test/cb", on: bench.loop.handle)
    #expect(answer.accessToken == "at" && answer.refreshToken == "rt" && answer.expiresIn == 300)
    #expect(try await bench.provider.refreshed("rt", on: bench.loop.handle).idToken == Array("i.d.t".utf8))
    let requests = bench.state.requests.withLock { $0.filter { $0.hasPrefix("POST /token ") } }
    #expect(requests.count == 2 && requests.allSatisfy { $0.contains("\r\nAuthorization: Basic Yzpz\r\n") })
    #expect(requests[0].hasSuffix("grant_type=authorization_code&code=k&redirect_uri=https%3A%2F%2Fa.test%2Fcb&code_verifier=v"))
  }

  @Test("a private key signs an assertion for the token endpoint, another one each time")
  func assertion() async throws {
    let key = try TestKey(.p256)
    let directory = try TemporaryDirectory()
    let path = directory.path + "/key.pem"
    try directory.write("key.pem", String(decoding: key.pem, as: UTF8.self))
    let bench = try ProviderBench { $0.credential = .privateKey(path: path) }
    for _ in 0..<2 { _ = try await bench.provider.refreshed("rt", on: bench.loop.handle) }
    let assertions = bench.state.requests.withLock {
      $0.compactMap { $0.split(separator: "client_assertion=").dropFirst().first.map(String.init) }
    }
    #expect(assertions.count == 2 && assertions[0] != assertions[1])
    let keys = try JSONWebKeySet(try JSONValue(Array("{\"keys\":[\(key.jwk())]}".utf8)))
    let claims = try SignedToken(Array(assertions[0].utf8)).verify(keys, algorithms: [.es256])
    #expect(claims["aud"]?.text == bench.provider.settings.issuer + "/token" && claims["sub"]?.text == "c")
  }

  @Test("only what ends the session at the provider refuses a refresh; all else is no word about it")
  func refresh() async throws {
    let bench = try ProviderBench()
    let cases: [(Int, String, Bool)] = [
      (400, #"{"error":"invalid_grant"}"#, true), (400, #"{"error":"interaction_required"}"#, true),
      (401, #"{"error":"invalid_client"}"#, false),
      (400, #"{"error":"invalid_request"}"#, false), (500, #"{"error":"invalid_grant"}"#, false), (400, "<html>", false),
      (200, "\"x\"", false),
      (503, "", false),
    ]
    for (status, body, isRefused) in cases {
      bench.instead("/token", status, body)
      do throws(RefreshFault) {
        _ = try await bench.provider.refreshed("secret-token", on: bench.loop.handle)
        Issue.record("it passed: \(body)")
      } catch {
        #expect(isRefused == { if case .refused = error { true } else { false } }(), "\(status) \(body)")
        #expect(!"\(error)".contains("secret-token"))
      }
    }
  }

  @Test("userinfo is an object, asked for with the access token", arguments: ["\"text\"", "[]", "<html>", ""])
  func userinfo(_ body: String) async throws {
    let bench = try ProviderBench()
    #expect(try await bench.provider.userinfo(accessToken: "at", on: bench.loop.handle) == .object(["sub": .text("s")]))
    #expect(bench.state.requests.withLock { $0.last?.contains("\r\nAuthorization: Bearer at\r\n") } == true)
    bench.instead("/userinfo", 200, body)
    await #expect(throws: ProviderFault.self) { _ = try await bench.provider.userinfo(accessToken: "at", on: bench.loop.handle) }
    bench.instead("/userinfo", 200, #"{"sub":"s"}"#, "application/jwt")
    await #expect(throws: ProviderFault.self) { _ = try await bench.provider.userinfo(accessToken: "at", on: bench.loop.handle) }
  }

  @Test("a rotated key is fetched when a token names it, and unknown ones at most once a minute")
  func rotation() async throws {
    let bench = try ProviderBench()
    #expect(try await bench.claims(try bench.token())["sub"]?.text == "s" && bench.state.count("/keys") == 1)
    try bench.rotate("2")
    let token = try bench.token()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<6 { group.addTask { (try? await bench.claims(token)) != nil } }
      for await isGood in group { #expect(isGood) }
    }
    #expect(bench.state.count("/keys") == 2)
    // Names a key that the provider does not have.
    let published = bench.state.key.withLock { $0 }
    try bench.rotate("3")
    let unknown = try bench.token()
    bench.state.key.withLock { $0 = published }
    for _ in 0..<5 { await #expect(throws: TokenFault.self) { _ = try await bench.claims(unknown) } }
    #expect(bench.state.count("/keys") == 2)
    bench.pass(60)
    for _ in 0..<5 { await #expect(throws: TokenFault.self) { _ = try await bench.claims(unknown) } }
    #expect(bench.state.count("/keys") == 3)
    #expect(try await bench.claims(token)["sub"]?.text == "s")
  }

  @Test("while the provider is down, what is known of it is used for a day")
  func down() async throws {
    let bench = try ProviderBench()
    let token = try bench.token()
    _ = try await bench.claims(token)
    bench.instead("/.well-known/openid-configuration", 503, "")
    bench.instead("/keys", 503, "")
    bench.pass(3600 + 86_399)
    _ = try await bench.claims(token)
    bench.pass(10)
    await #expect(throws: TokenFault.self) { _ = try await bench.claims(token) }
  }

  @Test("an access token is verified without waiting once keys are known, and they are fetched in the background")
  func bearer() async throws {
    let bench = try ProviderBench { $0.bearer = OpenIDLoginSettings.Bearer(audience: "api") }
    let token = try bench.token(["aud": .text("api")], nonce: nil)
    #expect(try bench.provider.verifiedAccessToken(token, now: 1000) == nil)
    for _ in 0..<500 {
      bench.provider.refreshInBackground(on: bench.loop.handle)
      if (try? bench.provider.verifiedAccessToken(token, now: 1000)) != nil { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try bench.provider.verifiedAccessToken(token, now: 1000)?["sub"]?.text == "s")
    #expect(bench.state.count("/keys") == 1)
    #expect(try await bench.provider.accessToken(token, now: 1000, on: bench.loop.handle)["sub"]?.text == "s")
    bench.pass(3600)
    #expect(try bench.provider.verifiedAccessToken(token, now: 1000) == nil)
    #expect(throws: TokenFault.self) { try ProviderBench().provider.verifiedAccessToken(token, now: 1000) }
  }

  @Test("files that cannot be used are told of at once")
  func files() throws {
    let directory = try TemporaryDirectory()
    try directory.write("bad.pem", "no key")
    for path in [directory.path + "/none.pem", directory.path + "/bad.pem"] {
      #expect(throws: Diagnostic.self) { try ProviderBench { $0.authorities = path } }
      #expect(throws: Diagnostic.self) { try ProviderBench { $0.credential = .privateKey(path: path) } }
    }
  }
}
