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

  private func context(_ state: SiteState, _ host: String, _ isSecure: Bool = false) -> SealContext {
    let bytes = [UInt8](host.utf8)
    return state.sealContext(host: bytes.span, isSecure: isSecure)
  }

  @Test("the place of a session follows host and scheme, whatever was asked for before")
  func contexts() {
    let state = SiteState(settings, servers: [], queue: nil)
    let asked = [
      ("app.test", false), ("app.test", false), ("app.test", true), ("au.clinic.test", true), ("uk.clinic.test", true),
      ("au.clinic.test", false),
      ("app.test", false), ("app.tes", false), ("app.test:80", false), ("APP.test", false),
    ]
    for (host, isSecure) in asked {
      #expect(context(state, host, isSecure) == SealContext(site: Fixtures.host, host: [UInt8](host.utf8).span, isSecure: isSecure))
    }
    #expect(context(state, "au.clinic.test") != context(state, "uk.clinic.test"))
    #expect(context(state, "app.test", true) != context(state, "app.test", false))
  }

  @Test("accounts are those of the file as it was read last")
  func accounts() throws {
    let state = SiteState(settings, servers: [], queue: nil)
    let stamp = state.stamp(of: "ann")
    #expect(stamp != nil && state.stamp(of: "eve") == nil)
    try log.directory.write("users.passwd", "ann:\(Fixtures.bcrypt):::other\neve:\(Fixtures.bcrypt)\n")
    #expect(state.stamp(of: "ann") == stamp)
    settings.accounts.refresh(events: log.events)
    #expect(state.stamp(of: "ann") != stamp && state.stamp(of: "ann") != nil)
    #expect(state.stamp(of: "eve") != nil && state.stamp(of: "bob") == nil)
    #expect(state.currentAccounts.count == 2)
  }
}
