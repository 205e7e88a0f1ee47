import Crypto
import Session
import Testing

@testable import Login

struct FormTokenTests {
  let now = Fixtures.now
  let binding = BrowserBinding()
  let crypto = CryptoContext()

  private func tokens(_ key: UInt8 = 1) throws -> FormTokens { FormTokens(ring: try Fixtures.ring(Fixtures.key(key))) }

  private func mint(_ purpose: FormTokens.Purpose = .login, subject: [UInt8] = []) throws -> [UInt8] {
    try tokens().mint(purpose, audience: Fixtures.audience(), binding: binding, subject: subject, now: now, using: crypto).bytes
  }

  private func check(
    _ token: [UInt8], _ purpose: FormTokens.Purpose = .login, audience: Audience? = nil, bindings: [BrowserBinding]? = nil,
    subject: [UInt8] = [], after: Int64 = 1, key: UInt8 = 1
  ) throws -> FormTokens.Outcome {
    let audience = try audience ?? Fixtures.audience()
    let bindings = bindings ?? [binding]
    return try tokens(key).check(
      token.span, purpose, audience: audience, bindings: bindings, subject: subject, now: now + after, using: crypto)
  }

  @Test("a token is valid for twelve hours, then its form is renewed")
  func age() throws {
    let token = try mint()
    #expect(token.count == FormTokens.count)
    #expect(try check(token) == .valid)
    #expect(try check(token, after: 12 * 3_600 - 1) == .valid)
    #expect(try check(token, after: 12 * 3_600) == .stale)
    #expect(try check(token, after: 7 * 24 * 3_600) == .stale)
    #expect(try check(token, after: -3_600) == .invalid)
  }

  @Test("a token of the first version is valid, as another implementation made it")
  func knownToken() throws {
    let token = "AShM0OgAAAAAa0nSACnNKk5ufiDeoUZIUnSyi_ZypP4Uhn7KlqiQ8rpPPImc"
    let known = try #require(BrowserBinding(bytes: [UInt8](200..<216)))
    #expect(try check(token.bytes, bindings: [known]) == .valid)
    #expect(try tokens().mint(.login, audience: Fixtures.audience(), binding: known, now: now, using: crypto) == token)
  }

  @Test("any of the bindings that a browser sends will do; others will not")
  func bindings() throws {
    let token = try mint()
    #expect(try check(token, bindings: [BrowserBinding(), binding]) == .valid)
    #expect(try check(token, bindings: [BrowserBinding()]) == .invalid)
    #expect(try check(token, bindings: []) == .invalid)
    #expect(try check(token, bindings: [], after: 13 * 3_600) == .invalid)
    #expect(try check(token, bindings: (0..<CookieNames.maximumBindings).map { _ in BrowserBinding() } + [binding]) == .invalid)
  }

  @Test("a token of one form is none of another")
  func purposes() throws {
    for minted in FormTokens.Purpose.allCases {
      for checked in FormTokens.Purpose.allCases {
        #expect(try (check(mint(minted), checked) == .valid) == (minted == checked))
      }
    }
    #expect(try check(mint(.confirm, subject: [1]), .confirm, subject: [1]) == .valid)
    #expect(try check(mint(.confirm, subject: [1]), .confirm, subject: [2]) == .invalid)
    #expect(try check(mint(.confirm, subject: [1]), .confirm) == .invalid)
  }

  @Test("a token is none on another site, host, port or scheme, nor under another key")
  func elsewhere() throws {
    let token = try mint()
    #expect(try check(token, audience: Fixtures.audience("other")) == .invalid)
    #expect(try check(token, audience: Fixtures.audience(host: "uk.example.test")) == .invalid)
    #expect(try check(token, audience: Fixtures.audience(host: "app.example.test:8443")) == .invalid)
    #expect(try check(token, audience: Fixtures.audience(scheme: "http")) == .invalid)
    #expect(try check(token, key: 2) == .invalid)
  }

  @Test("a token altered in any byte, cut, empty or lengthened is none")
  func altered() throws {
    let wire = try #require(Base64URL.decode(mint()))
    for i in wire.indices {
      var changed = wire
      changed[i] ^= 1
      #expect(try check(Base64URL.encodeBytes(changed)) == .invalid)
    }
    for text in [[], [UInt8](try mint().dropLast()), try mint() + [65]] { #expect(try check(text) == .invalid) }
  }
}
