import JOSE
import Testing

@testable import OpenID

@Suite struct AccessTokenCheckTests {
  private let maker: TokenMaker
  private let now = TokenMaker.now
  private let check = AccessTokenCheck(
    issuer: TokenMaker.issuer, audience: "api", clientID: "anteroom", algorithms: Set(SignatureAlgorithm.allCases))
  private let good: [String: JSONValue] = [
    "iss": .text(TokenMaker.issuer), "aud": .array([.text("account"), .text("api")]), "sub": .text("4711"), "jti": .text("j1"),
    "client_id": .text("batch"), "iat": .integer(TokenMaker.now), "exp": .integer(TokenMaker.now + 300),
  ]

  init() throws { maker = try TokenMaker() }

  private func refusal(_ changes: [String: JSONValue] = [:], without: [String] = [], type: String? = nil) throws -> String {
    let token = try maker.token(good, but: changes, without: without, type: type)
    return reason { () throws(TokenFault) in try check.verify(token, keys: maker.keys, now: now) }
  }

  @Test func takesGoodTokens() throws {
    for type in [nil, "JWT", "at+jwt", "application/at+jwt", "AT+JWT"] { #expect(try refusal(type: type) == "") }
    #expect(try refusal(without: ["jti", "client_id", "iat"], type: "JWT") == "")
  }

  @Test func whatIsTypedHasWhatItsTypeAsksFor() throws {
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
      #expect(try refusal(without: [name], type: "at+jwt") != "", "\(name)")
    }
  }

  @Test func issuerAudienceAndTimesCount() throws {
    #expect(try refusal(["iss": .text("https://other.example")]).contains("issuer"))
    #expect(try refusal(["aud": .text("account")]).contains("aud"))
    #expect(try refusal(["exp": .integer(now - 60)]).contains("expired"))
    #expect(try refusal(["exp": .number(1e300)]).contains("exp"))
    #expect(try refusal(["nbf": .integer(now + 61)]).contains("begins"))
    #expect(try refusal(["iat": .integer(now + 61)]).contains("iat"))
    #expect(try refusal(["iat": .text("x")]).contains("iat"))
    for name in ["iss", "aud", "exp", "sub"] { #expect(try refusal(without: [name]) != "", "\(name)") }
  }

  @Test func noOtherKindOfTokenIsTaken() throws {
    for type in ["logout+jwt", "secevent+jwt", "dpop+jwt"] { #expect(try refusal(type: type).contains("kind")) }
    #expect(try refusal(["events": .object([:])]).contains("kind"))
    for name in ["nonce", "at_hash", "c_hash", "s_hash"] { #expect(try refusal([name: .text("x")]).contains("ID token"), "\(name)") }
    for kind in ["ID", "Refresh"] { #expect(try refusal(["typ": .text(kind)]).contains("ID token")) }
    #expect(try refusal(["typ": .text("Bearer"), "nonce": .text("x")]) == "")
    #expect(try refusal(["typ": .text("Bearer"), "at_hash": .text("x")]).contains("ID token"))
  }

  @Test func whatIsForTheClientItselfSaysThatItIsNoIDToken() throws {
    let aud = JSONValue.array([.text("api"), .text("anteroom")])
    // As one that came with a refresh: without nonce and at_hash.
    #expect(try refusal(["aud": aud]).contains("ID token"))
    #expect(try refusal(["aud": aud], type: "JWT").contains("ID token"))
    #expect(try refusal(["aud": aud, "roles": .array([.text("reader")])]).contains("ID token"))
    #expect(try refusal(["aud": aud, "scope": .text("read")]) == "" && refusal(["aud": aud, "scp": .text("read")]) == "")
    #expect(try refusal(["aud": aud, "roles": .array([.text("reader")]), "azpacr": .text("1")]) == "")
    #expect(try refusal(["aud": aud], type: "at+jwt") == "")
  }

  @Test func theSignatureCounts() throws {
    #expect(throws: TokenFault.unknownKey) { try check.verify(try maker.token(good), keys: try TokenMaker().keys, now: now) }
  }
}
