import JOSE
import Testing

@testable import OpenID

@Suite struct LogoutTokenCheckTests {
  private let maker: TokenMaker
  private let now = TokenMaker.now
  private let check = LogoutTokenCheck(issuer: TokenMaker.issuer, clientID: "anteroom", algorithms: Set(SignatureAlgorithm.allCases))
  private static let event = "http://schemas.openid.net/event/backchannel-logout"
  private let good: [String: JSONValue] = [
    "iss": .text(TokenMaker.issuer), "aud": .text("anteroom"), "sub": .text("4711"), "sid": .text("s1"), "jti": .text("j1"),
    "iat": .integer(TokenMaker.now), "exp": .integer(TokenMaker.now + 120), "events": .object([event: .object([:])]),
  ]

  init() throws { maker = try TokenMaker() }

  private func refusal(_ changes: [String: JSONValue] = [:], without: [String] = [], type: String? = "logout+jwt") throws -> String {
    let token = try maker.token(good, but: changes, without: without, type: type)
    return reason { () throws(TokenFault) in try check.verify(token, keys: maker.keys, now: now) }
  }

  @Test func saysWhoseSessionsEnd() throws {
    let found = try check.verify(try maker.token(good, type: "logout+jwt"), keys: maker.keys, now: now)
    #expect(found == (subject: "4711", sessionID: "s1", tokenID: "j1", expires: now + 180))
    let subject = try check.verify(try maker.token(good, without: ["sid"]), keys: maker.keys, now: now)
    #expect(subject.subject == "4711" && subject.sessionID == nil)
    let session = try check.verify(try maker.token(good, without: ["sub"], type: "JWT"), keys: maker.keys, now: now)
    #expect(session.subject == nil && session.sessionID == "s1")
  }

  @Test func isRememberedForADayAtMost() throws {
    let token = try maker.token(good, but: ["exp": .integer(1 << 53)])
    #expect(try check.verify(token, keys: maker.keys, now: now).expires == now + 86_460)
    #expect(throws: TokenFault.self) { try check.verify(token, keys: maker.keys, now: now + 86_460) }
  }

  @Test func everyClaimIsNeeded() throws {
    for name in ["iss", "aud", "iat", "jti", "events"] { #expect(try refusal(without: [name]) != "", "\(name)") }
    #expect(try refusal(without: ["sub", "sid"]).contains("neither"))
    #expect(try refusal(["iss": .text("https://other.example")]).contains("issuer"))
    #expect(try refusal(["aud": .text("other")]).contains("aud"))
    #expect(try refusal(["exp": .integer(now - 60)]).contains("expired"))
    #expect(try refusal(["exp": .number(1e300)]).contains("exp"))
    #expect(try refusal(["iat": .integer(now + 61)]).contains("issued"))
    #expect(try refusal(["jti": .text("")]).contains("jti"))
    #expect(try refusal(["sub": .integer(1)]).contains("sub"))
    #expect(try refusal(["sid": .text("")]).contains("sid"))
  }

  @Test func theEventIsALogout() throws {
    for events: JSONValue in [
      .object([:]), .object(["http://schemas.openid.net/event/other": .object([:])]), .object([Self.event: .bool(true)]), .text(Self.event),
      .array([.text(Self.event)]),
    ] { #expect(try refusal(["events": events]).contains("events")) }
  }

  @Test func noOtherKindOfTokenIsTaken() throws {
    #expect(try refusal(["nonce": .text("n")]).contains("nonce"))
    #expect(try refusal(["nonce": .null]).contains("nonce"))
    for type in ["at+jwt", "secevent+jwt"] { #expect(try refusal(type: type).contains("kind")) }
  }

  @Test func theSignatureCounts() throws {
    #expect(throws: TokenFault.unknownKey) { try check.verify(try maker.token(good), keys: try TokenMaker().keys, now: now) }
  }

  @Test("a token without an end, as drafts had it, is good while it is fresh")
  func withoutEnd() throws {
    var claims = good
    claims["exp"] = nil
    let token = try maker.token(claims)
    #expect(try check.verify(token, keys: maker.keys, now: now).expires == now + 180)
    #expect(try check.verify(token, keys: maker.keys, now: now + 179).tokenID == "j1")
    #expect(throws: TokenFault.self) { try check.verify(token, keys: maker.keys, now: now + 180) }
  }
}
