import Testing

@testable import Session

struct ProviderSessionsTests {
  private func session(
    _ login: String = "openid", subject: String = "s", sid: String? = nil, authenticatedAt: Int64 = 0, notAfter: Int64 = 1_000
  ) -> ProviderSession {
    ProviderSession(
      ProviderSessionTests.facts(login: login, subject: subject, sid: sid, authenticatedAt: authenticatedAt, notAfter: notAfter),
      .init(account: ProviderAccount(user: "ann")))
  }

  @Test("a session is found by its id until it is removed, which ends it")
  func remove() {
    let sessions = ProviderSessions(limit: 10)
    let one = session()
    #expect(sessions.insert(one, now: 0) == nil)
    #expect(sessions.session(one.facts.id) === one)
    sessions.remove(one.facts.id)
    #expect(sessions.session(one.facts.id) == nil && one.isEnded)
  }

  @Test("no more are kept than may be: what has ended makes room, or else the oldest login")
  func limit() {
    let sessions = ProviderSessions(limit: 2)
    let old = session(authenticatedAt: 1, notAfter: 100)
    #expect(sessions.insert(session(authenticatedAt: 2, notAfter: 10), now: 0) == nil && sessions.insert(old, now: 0) == nil)
    #expect(sessions.insert(session(authenticatedAt: 3), now: 10) == nil && sessions.count == 2)
    #expect(sessions.insert(session(authenticatedAt: 4), now: 10) === old && sessions.count == 2)
    #expect(sessions.session(old.facts.id) == nil)
    sessions.setLimit(3)
    #expect(sessions.insert(session(), now: 10) == nil)
    #expect(sessions.purge(now: 1_000).count == 4 && sessions.count == 0)
    #expect(sessions.purge(now: 1_000).isEmpty)
  }

  @Test("a provider's logout finds the sessions of the person, or of the session, that it names, of its own login alone")
  func logout() {
    let sessions = ProviderSessions(limit: 10)
    let one = session(subject: "a", sid: "1")
    let two = session(subject: "a", sid: "2")
    let other = session("other", subject: "a", sid: "1")
    let unnamed = session(subject: "b")
    for session in [one, two, other, unnamed] { _ = sessions.insert(session, now: 0) }
    func found(_ subject: String?, _ sid: String?) -> Set<SessionID> {
      Set(sessions.sessions(login: "openid", subject: subject, providerSessionID: sid).map(\.facts.id))
    }
    #expect(found("a", nil) == [one.facts.id, two.facts.id])
    #expect(found(nil, "2") == [two.facts.id])
    #expect(found("a", "1") == [one.facts.id])
    #expect(found("b", "1") == [unnamed.facts.id], "which of the provider's it is nobody knows")
    #expect(found("c", "1").isEmpty && found(nil, nil).isEmpty && found(nil, "3").isEmpty)
  }
}
