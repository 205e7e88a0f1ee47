import Crypto
import Session
import Testing

@testable import Login

struct ProviderSessionSealerTests {
  let now = Fixtures.now
  let tokens = ProviderTokens(refresh: "r", access: nil, identity: "i.d.t")

  @Test("tokens open for their own session alone")
  func tokensOfOne() throws {
    let sealer = ProviderSessionSealer(ring: try Fixtures.ring())
    let crypto = CryptoContext()
    let id = SessionID.random()
    let sealed = sealer.seal(tokens, id: id, now: now, using: crypto)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("i.d.t"))
    #expect(sealer.tokens(sealed, id: id, using: crypto) == tokens)
    #expect(sealer.tokens(sealed, id: .random(), using: crypto) == nil)
    let other = ProviderSessionSealer(ring: try Fixtures.ring(Fixtures.key(2)))
    #expect(other.tokens(sealed, id: id, using: crypto) == nil)
  }

  @Test("a session comes back whole, and an altered one not at all")
  func wholeSession() throws {
    let sealer = ProviderSessionSealer(ring: try Fixtures.ring())
    let crypto = CryptoContext()
    let facts = ProviderSession.Facts(
      id: .random(), site: "app", login: "openid", subject: "s", providerSessionID: "sid", authenticatedAt: 1, notAfter: 2)
    let state = ProviderSession.State(
      account: ProviderAccount(user: "ann", name: "Ann", email: "a@b", groups: ["x", "y"]), sealedTokens: [1, 2], refreshAt: 3,
      expiresAt: 4)
    var sealed = sealer.seal(ProviderSession(facts, state), now: now, using: crypto)
    let opened = try #require(sealer.session(sealed, using: crypto))
    #expect(opened.facts == facts && opened.state == state)
    sealed[sealed.count - 1] ^= 1
    #expect(sealer.session(sealed, using: crypto) == nil)
    #expect(sealer.session(sealer.seal(tokens, id: facts.id, now: now, using: crypto), using: crypto) == nil)
  }
}
