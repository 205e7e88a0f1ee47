import Crypto
import Session
import Testing

@testable import Login

struct SignInAttemptTests {
  let now = Fixtures.now
  let binding = BrowserBinding()
  let ticket = "AQIDBAUG".bytes

  private func seal(_ attempt: SignInAttempt, audience: Audience? = nil) throws -> [UInt8] {
    let audience = try audience ?? Fixtures.audience()
    return try SignInAttempts(ring: Fixtures.ring()).seal(attempt, audience: audience, binding: binding, using: CryptoContext()).bytes
  }

  private func open(
    _ state: [UInt8], audience: Audience? = nil, bindings: [BrowserBinding]? = nil, after: Int64 = 60
  ) throws -> AttemptOutcome {
    try SignInAttempts(ring: Fixtures.ring()).open(
      state.span, audience: audience ?? Fixtures.audience(), bindings: bindings ?? [binding], now: now + after, using: CryptoContext())
  }

  private func attempt(_ ticket: SignInAttempt.Ticket? = nil) -> SignInAttempt {
    SignInAttempt(login: "openid abc", ticket: ticket ?? .inline(self.ticket), now: now)
  }

  @Test("what comes back is what went out, in any order", arguments: 0..<3)
  func roundTrip(_ first: Int) throws {
    let attempts = [attempt(), attempt(SignInAttempt.Ticket.none), attempt(.stored([UInt8](0..<16)))]
    let states = try attempts.map { try seal($0) }
    for index in [first, (first + 1) % 3, (first + 2) % 3] { #expect(try open(states[index]) == .genuine(attempts[index])) }
  }

  @Test("each attempt has a nonce and a verifier of its own, as long as the standards want them")
  func random() {
    let (one, other) = (attempt(), attempt())
    #expect(one.nonce != other.nonce && one.verifier != other.verifier)
    #expect(one.verifier.utf8.count == 43)
  }

  @Test("nothing of it can be read, and its length does not tell that of the ticket")
  func opaque() throws {
    let short = try seal(attempt(.inline([UInt8](repeating: 65, count: 10))))
    let long = try seal(attempt(.inline([UInt8](repeating: 65, count: 40))))
    #expect(short.count == long.count)
    let state = try #require(Base64URL.decode(long))
    #expect(!String(decoding: state, as: UTF8.self).contains("AAAA"))
    #expect(!String(decoding: state, as: UTF8.self).contains("openid"))
  }

  @Test("the longest ticket that travels makes no longer state than may come back")
  func longest() throws {
    let state = try seal(attempt(.inline([UInt8](repeating: 65, count: SignInAttempts.maximumInline))))
    #expect(state.count <= SignInAttempts.maximumCount)
  }

  @Test("a state that is changed by a byte is nothing")
  func altered() throws {
    let state = try seal(attempt())
    for place in stride(from: 0, to: state.count, by: 7) {
      var altered = state
      altered[place] = altered[place] == 65 ? 66 : 65
      #expect(try open(altered) == .none)
    }
    #expect(try open([]) == .none)
  }

  @Test("a state of another site or origin is nothing")
  func foreign() throws {
    let state = try seal(attempt())
    #expect(try open(state, audience: Fixtures.audience("other")) == .none)
    #expect(try open(state, audience: Fixtures.audience(host: "evil.test")) == .none)
    #expect(try open(state, audience: Fixtures.audience(scheme: "http")) == .none)
  }

  @Test("a state that another browser began says so, and nothing else")
  func otherBrowser() throws {
    let state = try seal(attempt())
    #expect(try open(state, bindings: []) == .otherBrowser)
    #expect(try open(state, bindings: [BrowserBinding()]) == .otherBrowser)
    #expect(try open(state, bindings: [BrowserBinding(), binding]) != .otherBrowser)
  }

  @Test("after twelve hours it is too old, and still tells where to begin anew")
  func tooOld() throws {
    let attempt = attempt()
    let state = try seal(attempt)
    #expect(try open(state, after: SignInAttempts.lifetime - 1) == .genuine(attempt))
    #expect(try open(state, after: SignInAttempts.lifetime) == .tooOld(attempt))
    #expect(try open(state, after: -61) == .tooOld(attempt))
  }

  @Test("what is sealed for another purpose is no attempt")
  func purpose() throws {
    let ticket = try #require(
      ReturnTickets(ring: Fixtures.ring()).seal(
        .inline("/a".bytes), audience: Fixtures.audience(), binding: binding, user: nil, now: now))
    #expect(try open(ticket.bytes) == .none)
  }
}
