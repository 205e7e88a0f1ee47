import Config
import EventLoop
import Testing

@testable import Gateway

@Suite struct OpenIDLoginTests {
  private let usual = OpenIDLoginSettings(issuer: "https://login.example.test", clientID: "anteroom", allow: [.group("staff")])

  private func login(_ change: (inout OpenIDLoginSettings) -> Void = { _ in }) throws -> OpenIDLogin {
    var settings = usual
    change(&settings)
    let pool = try BlockingPool(name: "pool", threads: 1, limit: 4)
    defer { pool.finish() }
    return OpenIDLogin(settings, provider: try OpenIDProvider(settings, pool: pool, events: nil), exchanges: 1)
  }

  @Test("a login is the same as long as issuer and client are, and fits into a cookie")
  func id() throws {
    let id = try login().id
    #expect(try login { $0.allow = [] }.id == id && login { $0.scopes = ["openid"] }.id == id)
    #expect(try login { $0.clientID = "other" }.id != id && login { $0.issuer = "https://other.example.test" }.id != id)
    #expect(id.utf8.count == 23 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
  }

  @Test("whoever is let in by other rules, or named by other claims, signs in anew")
  func stamp() throws {
    let stamp = try login().stamp
    #expect(stamp.count == 16)
    #expect(try login { $0.scopes.append("groups") }.stamp == stamp)
    let changes: [(inout OpenIDLoginSettings) -> Void] = [
      { $0.allow = [] }, { $0.allow = [.group("other")] }, { $0.allow = [.emailDomain("staff")] },
      { $0.allow.append(.claim(name: "tid", value: "1")) }, { $0.claims.user = "sub" }, { $0.claims.groups = "roles" },
      { $0.clientID = "other" },
    ]
    for change in changes { #expect(try login(change).stamp != stamp) }
  }

  @Test("a reload keeps what is known of a provider, unless its files may have changed; used logout tokens are kept in any case")
  func reload() throws {
    let pool = try BlockingPool(name: "pool", threads: 1, limit: 4)
    defer { pool.finish() }
    func logins(_ settings: OpenIDLoginSettings, before: [OpenIDLogin]) throws -> [OpenIDLogin] {
      var site = Fixtures.site(users: "users.passwd", upstreams: [])
      site.logins = [LoginSettings(.openID(settings))]
      var configuration = Configuration(
        file: "gateway.conf", workers: 1, listeners: [], keys: "keys", state: "state", log: EventLog(path: "log"), accessLog: .off,
        audit: "audit", limits: Limits(), sites: [site, site], shutdownTimeout: .seconds(1))
      configuration.limits.pendingLogins = 3
      return try Settings.openIDLogins(configuration, before: before) { _ throws(Diagnostic) in
        try OpenIDProvider(usual, pool: pool, events: nil)
      }
    }
    let first = try logins(usual, before: [])
    #expect(first.count == 1 && first[0].exchanges.limit == 3, "two sites that write the same share it")
    #expect(try logins(usual, before: first)[0] === first[0])
    var withFile = usual
    withFile.authorities = "ca.pem"
    let second = try logins(withFile, before: first)
    #expect(second[0] !== first[0] && second[0].usedLogoutTokens !== first[0].usedLogoutTokens)
    let third = try logins(withFile, before: second)
    #expect(third[0] !== second[0] && third[0].usedLogoutTokens === second[0].usedLogoutTokens)
  }
}
