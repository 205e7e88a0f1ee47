import Synchronization
import Testing

@testable import Session

struct ProviderSessionTests {
  static func facts(
    login: String = "openid", subject: String = "s", sid: String? = nil, authenticatedAt: Int64 = 0, notAfter: Int64 = 1_000
  ) -> ProviderSession.Facts {
    ProviderSession.Facts(
      id: .random(), site: "app", login: login, subject: subject, providerSessionID: sid, authenticatedAt: authenticatedAt,
      notAfter: notAfter)
  }

  private func session(refreshAt: Int64 = 50, expiresAt: Int64 = 60) -> ProviderSession {
    ProviderSession(
      Self.facts(), .init(account: ProviderAccount(user: "ann"), sealedTokens: [1], refreshAt: refreshAt, expiresAt: expiresAt))
  }

  @Test("it is due before it expires, and neither without tokens to renew")
  func times() {
    let session = session()
    #expect(!session.isDue(49) && session.isDue(50))
    #expect(!session.isExpired(59) && session.isExpired(60))
    let lasting = ProviderSession(Self.facts(), .init(account: ProviderAccount(user: "ann")))
    #expect(!lasting.isDue(1 << 40) && !lasting.isExpired(1 << 40))
  }

  @Test("of all that want a refresh one does it, and all others wait for that one")
  func oneRefresh() async {
    let session = session()
    final class Counter: Sendable { let value = Atomic<Int>(0) }
    let count = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          if session.isExpired(60), session.beginRefresh() {
            count.value.add(1, ordering: .relaxed)
            for _ in 0..<100 { await Task.yield() }
            session.finishRefresh(.renewed(.init(account: ProviderAccount(user: "ann"), refreshAt: 500, expiresAt: 600)))
          } else {
            await session.refreshEnded()
          }
          #expect(!session.isExpired(60))
        }
      }
    }
    #expect(count.value.load(ordering: .relaxed) == 1)
  }

  @Test("a renewed one has another version and new times; nobody waits when none is under way")
  func renewed() async {
    let session = session()
    let before = session.version
    await session.refreshEnded()
    #expect(session.beginRefresh() && !session.beginRefresh())
    session.finishRefresh(.renewed(.init(account: ProviderAccount(user: "ann", groups: ["new"]), refreshAt: 90, expiresAt: 100)))
    #expect(session.version != before && session.state.account.groups == ["new"])
    #expect(!session.isDue(89) && session.beginRefresh())
  }

  @Test("while the provider cannot be asked all stays as it was, and is tried again later")
  func postponed() {
    let session = session()
    let before = session.version
    _ = session.beginRefresh()
    session.finishRefresh(.postponed(until: 90))
    #expect(!session.isEnded && session.version == before)
    #expect(!session.isExpired(89) && session.isExpired(90))
  }

  @Test("a refused refresh ends it, and no other is begun")
  func refused() {
    let session = session()
    _ = session.beginRefresh()
    session.finishRefresh(.refused)
    #expect(session.isEnded && !session.beginRefresh())
  }

  @Test("what is kept of it comes back whole; nothing else does")
  func encoding() throws {
    let session = ProviderSession(
      Self.facts(sid: "x"),
      .init(account: ProviderAccount(user: "ann", name: "n", email: "e", groups: ["a", ""]), sealedTokens: [7], refreshAt: 1, expiresAt: 2))
    let bytes = session.encoded
    let again = try #require(ProviderSession(encoded: bytes))
    #expect(again.facts == session.facts && again.state == session.state)
    #expect(ProviderSession(encoded: bytes + [0]) == nil)
    for count in 0..<bytes.count { #expect(ProviderSession(encoded: Array(bytes.prefix(count))) == nil) }
  }
}
