import Crypto
import JOSE
import TestKeys
import Testing

@testable import OpenID

@Suite struct IDTokenCheckTests {
  private let maker: TokenMaker
  private let now = TokenMaker.now
  private let good: [String: JSONValue] = [
    "iss": .text(TokenMaker.issuer), "aud": .text("anteroom"), "sub": .text("4711"), "nonce": .text("n-0S6"),
    "exp": .integer(TokenMaker.now + 300), "iat": .integer(TokenMaker.now), "auth_time": .integer(TokenMaker.now - 30),
  ]

  init() throws { maker = try TokenMaker() }

  private func usual() -> IDTokenCheck {
    IDTokenCheck(issuer: TokenMaker.issuer, clientID: "anteroom", algorithms: Set(SignatureAlgorithm.allCases), nonce: "n-0S6")
  }

  private func refusal(
    _ changes: [String: JSONValue] = [:], without: [String] = [], type: String? = nil, _ change: (inout IDTokenCheck) -> Void = { _ in }
  ) throws -> String {
    var check = usual()
    change(&check)
    let token = try maker.token(good, but: changes, without: without, type: type)
    return reason { () throws(TokenFault) in try check.verify(token, keys: maker.keys, now: now) }
  }

  @Test func takesAGoodToken() throws {
    let token = try maker.token(good)
    #expect(try usual().verify(token, keys: maker.keys, now: now)["sub"]?.text == "4711")
    for type in ["JWT", "jwt", "application/jwt"] { #expect(try refusal(type: type) == "") }
  }

  @Test func theSignatureCounts() throws {
    let token = try maker.token(good)
    #expect(throws: TokenFault.unknownKey) { try usual().verify(token, keys: try TokenMaker().keys, now: now) }
    var check = usual()
    check.algorithms = [.rs256]
    #expect(reason { () throws(TokenFault) in try check.verify(token, keys: maker.keys, now: now) }.contains("algorithm"))
  }

  @Test func theIssuerIsTheSameText() throws {
    for issuer in [TokenMaker.issuer + "/", "https://login.example.com", "https://LOGIN.example.com/realms/clinic", "", "\u{212A}"] {
      #expect(try refusal(["iss": .text(issuer)]).contains("issuer"), "\(issuer)")
    }
    #expect(try refusal(without: ["iss"]).contains("issuer"))
    #expect(try refusal(["iss": .array([.text(TokenMaker.issuer)])]).contains("issuer"))
    #expect(try refusal(["iss": .text("https://\u{212A}.example")]) { $0.issuer = "https://K.example" }.contains("issuer"))
  }

  @Test func theAudienceNamesThisClient() throws {
    #expect(try refusal(["aud": .array([.text("anteroom")])]) == "")
    for audience: JSONValue in [
      .text("other"), .text("anteroom2"), .array([]), .array([.text("other")]), .object([:]), .array([.text("anteroom"), .integer(1)]),
    ] {
      #expect(try refusal(["aud": audience]).contains("aud"))
    }
    #expect(try refusal(without: ["aud"]).contains("aud"))
  }

  @Test func theAuthorizedPartyIsThisClient() throws {
    let both = JSONValue.array([.text("anteroom"), .text("other")])
    #expect(try refusal(["aud": both]).contains("azp"))
    #expect(try refusal(["aud": both, "azp": .text("other")]).contains("azp"))
    #expect(try refusal(["azp": .text("other")]).contains("azp"))
    #expect(try refusal(["azp": .integer(1)]).contains("azp"))
    #expect(try refusal(["aud": both, "azp": .text("anteroom")]) == "")
  }

  @Test func itsTimeIsNow() throws {
    #expect(try refusal(["exp": .integer(now - 59)]) == "")
    #expect(try refusal(["exp": .integer(now - 60)]).contains("expired"))
    for value: JSONValue in [.number(1e300), .text("99999999999"), .null, .bool(true), .integer(Int64.max)] {
      #expect(try refusal(["exp": value]).contains("exp"))
    }
    #expect(try refusal(without: ["exp"]).contains("exp"))
    #expect(try refusal(["nbf": .integer(now + 60)]) == "")
    #expect(try refusal(["nbf": .integer(now + 61)]).contains("begins"))
    #expect(try refusal(["nbf": .text("0")]).contains("nbf"))
  }

  @Test func itIsFresh() throws {
    #expect(try refusal(["iat": .integer(now + 60)]) == "")
    #expect(try refusal(["iat": .integer(now + 61)]).contains("issued"))
    #expect(try refusal(["iat": .integer(now - 86_400)]) == "")
    #expect(try refusal(["iat": .integer(now - 86_401)]).contains("issued"))
    #expect(try refusal(["iat": .text("\(now)")]).contains("iat"))
    #expect(try refusal(without: ["iat"]).contains("iat"))
  }

  @Test func theSubjectIsThere() throws {
    #expect(try refusal(["sub": .text(String(repeating: "a", count: 255))]) == "")
    for value: JSONValue in [.text(""), .text(String(repeating: "a", count: 256)), .text("é"), .text("a\n"), .integer(4711), .null] {
      #expect(try refusal(["sub": value]).contains("sub"))
    }
    #expect(try refusal(without: ["sub"]).contains("sub"))
  }

  @Test func atARefreshTheSubjectStaysAndTheNonceMayGo() throws {
    #expect(try refusal(without: ["nonce"]) { $0.nonce = nil } == "")
    #expect(try refusal { $0.subject = "4711" } == "")
    #expect(try refusal { $0.subject = "4712" }.contains("sub"))
    #expect(try refusal(["sub": .text("K")]) { $0.subject = "\u{212A}" }.contains("sub"))
  }

  @Test func theNonceIsThatOfTheRequest() throws {
    for value: JSONValue in [.text("n-0S7"), .text("n-0S66"), .text(""), .null, .array([.text("n-0S6")])] {
      #expect(try refusal(["nonce": value]).contains("nonce"))
    }
    #expect(try refusal(without: ["nonce"]).contains("nonce"))
  }

  @Test func theAccessTokensHashFitsWhereItIsThere() throws {
    let digest = SignatureDigest.sha256.hash([UInt8]("access".utf8))
    let hash = Base64URL.encode(Array(digest.prefix(16)))
    #expect(try refusal(["at_hash": .text(hash)]) { $0.accessToken = "access" } == "")
    #expect(try refusal { $0.accessToken = "access" } == "")
    #expect(try refusal(["at_hash": .text(hash)]) == "")
    #expect(try refusal(["at_hash": .text(hash)]) { $0.accessToken = "other" }.contains("at_hash"))
    for value: JSONValue in [.text(""), .text(Base64URL.encode(digest)), .text(hash + "="), .null, .integer(1)] {
      #expect(try refusal(["at_hash": value]) { $0.accessToken = "access" }.contains("at_hash"))
    }
  }

  @Test("OpenID Connect Core, A.3: at_hash")
  func exampleOfTheSpecification() throws {
    let digest = SignatureDigest.sha256.hash([UInt8]("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y".utf8))
    #expect(Base64URL.encode(Array(digest.prefix(16))) == "77QmUPtjPfzWtF2AnpK9RQ")
  }

  @Test func theProvidersLoginIsFreshWhereThatWasAskedFor() throws {
    #expect(try refusal { $0.maxAge = 30 } == "")
    #expect(try refusal(["auth_time": .integer(now - 90)]) { $0.maxAge = 30 } == "")
    #expect(try refusal(["auth_time": .integer(now - 91)]) { $0.maxAge = 30 }.contains("max_age"))
    #expect(try refusal(["auth_time": .integer(now + 61)]) { $0.maxAge = 30 }.contains("auth_time"))
    #expect(try refusal(["auth_time": .text("\(now)")]) { $0.maxAge = 30 }.contains("auth_time"))
    #expect(try refusal(without: ["auth_time"]) { $0.maxAge = 30 }.contains("auth_time"))
    #expect(try refusal(without: ["auth_time"]) == "")
    #expect(try refusal(["auth_time": .integer(0)]) { $0.maxAge = 0 }.contains("max_age"))
  }

  @Test func noOtherKindOfTokenIsTaken() throws {
    for type in ["logout+jwt", "Logout+JWT", "application/logout+jwt", "at+jwt", "dpop+jwt", "secevent+jwt"] {
      #expect(try refusal(type: type).contains("kind"), "\(type)")
    }
    #expect(try refusal(["events": .object(["http://schemas.openid.net/event/backchannel-logout": .object([:])])]).contains("kind"))
  }

  @Test func aTokenOfAnyTenantIsOfItsOwn() throws {
    let tenant = "11111111-2222-3333-4444-55555555abCD"
    let claims: [String: JSONValue] = ["iss": .text("https://login.microsoftonline.com/\(tenant)/v2.0"), "tid": .text(tenant)]
    let any: (inout IDTokenCheck) -> Void = { $0.issuer = "https://login.microsoftonline.com/{tenantid}/v2.0" }
    #expect(try refusal(claims, any) == "")
    #expect(try refusal(claims, without: ["tid"], any).contains("issuer"))
    #expect(try refusal(claims.merging(["tid": .text("21111111-2222-3333-4444-55555555abCD")]) { $1 }, any).contains("issuer"))
    for odd in ["x", "", "../common", "{tenantid}", "11111111-2222-3333-4444-55555555abCG", "11111111222233334444-55555555abCD--"] {
      let claims: [String: JSONValue] = ["iss": .text("https://login.microsoftonline.com/\(odd)/v2.0"), "tid": .text(odd)]
      #expect(try refusal(claims, any).contains("issuer"), "\(odd)")
    }
    #expect(try refusal(claims).contains("issuer"))
  }
}
