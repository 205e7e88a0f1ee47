import Config
import Login
import Session
import Testing

@testable import Gateway

@Suite struct SiteStateTests {
  let log: LogFixture
  let settings: SiteSettings

  init() throws {
    log = try LogFixture()
    let site = Fixtures.site(users: log.directory.file("users.passwd"), upstreams: [])
    settings = SiteSettings(site, all: [site], limits: Limits())
    try log.directory.write("users.passwd", Fixtures.accounts)
    settings.accounts.refresh(events: log.events)
  }

  @Test("accounts are those of the file as it was read last")
  func accounts() throws {
    let state = SiteState(settings, servers: [], queue: nil)
    func content(_ user: String) -> SessionContent {
      SessionContent(id: .random(), user: user, stamp: [], authenticatedAt: 1, lastActivity: 1, notAfter: 100)
    }
    let stamp = state.stamp(of: content("ann"))
    #expect(stamp != nil && state.stamp(of: content("eve")) == nil)
    try log.directory.write("users.passwd", "ann:\(Fixtures.bcrypt):::other\neve:\(Fixtures.bcrypt)\n")
    #expect(state.stamp(of: content("ann")) == stamp)
    settings.accounts.refresh(events: log.events)
    #expect(state.stamp(of: content("ann")) != stamp && state.stamp(of: content("ann")) != nil)
    #expect(state.stamp(of: content("eve")) != nil && state.stamp(of: content("bob")) == nil)
    #expect(state.currentAccounts.count == 2)
  }

  @Test("a session stands until its account changes or it is revoked, however often it was asked for")
  func standing() throws {
    let state = SiteState(settings, servers: [], queue: nil)
    let revocations = Revocations()
    let view = RevocationView(revocations)
    let account = try #require(state.currentAccounts.account(named: "ann"))
    func session(_ user: String = "ann") -> OpenedSession {
      OpenedSession(SessionContent(id: .random(), user: user, stamp: account.stamp, authenticatedAt: 1, lastActivity: 1, notAfter: 100))
    }
    let (one, other) = (session(), session())
    for _ in 0..<2 { #expect(state.stands(one, view, now: 10) && state.stands(other, view, now: 10)) }
    #expect(!state.stands(session("bob"), view, now: 10), "another account's stamp")
    #expect(revocations.insert(Revocation(id: one.id, until: 100), now: 10))
    for _ in 0..<2 { #expect(!state.stands(one, view, now: 10) && state.stands(other, view, now: 10)) }
    #expect(state.stands(one, view, now: 100) && !state.stands(one, view, now: 99), "the clock may be set back")
    try log.directory.write("users.passwd", "ann:\(Fixtures.bcrypt):::other\n")
    settings.accounts.refresh(events: log.events)
    for _ in 0..<2 { #expect(!state.stands(other, view, now: 10)) }
    try log.directory.write("users.passwd", Fixtures.accounts)
    settings.accounts.refresh(events: log.events)
    for _ in 0..<2 { #expect(state.stands(other, view, now: 10)) }
  }
}
