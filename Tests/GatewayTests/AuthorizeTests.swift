import EventLoop
import Session
import Testing

@testable import Audit
@testable import Gateway

@Suite struct AuthorizeTests {
  /// The user that the gateway sees for a cookie, by its own word; `nil` if nobody is signed in.
  private func user(_ rig: Rig, _ cookies: [String], host: String = Fixtures.host) throws -> String? {
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/session", cookies.map { "Cookie: \($0)" }, host: host))
    let answer = try client.message()
    guard answer.text.contains("\"signed_in\":true") else { return nil }
    return answer.text.split(separator: "\"user\":\"").last?.split(separator: "\"").first.map(String.init)
  }

  @Test("exactly one session cookie of ours, sealed for this site, host and scheme, is a login")
  func cookies() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let good = try rig.cookie()
    #expect(try user(rig, [good]) == "ann")
    #expect(try user(rig, ["a=b; \(good); c"]) == "ann")
    #expect(try user(rig, []) == nil)
    #expect(try user(rig, [good + "; " + good]) == nil)
    #expect(try user(rig, [good, try rig.cookie(user: "bob")]) == nil)
    #expect(try user(rig, ["anteroom=; " + good]) == nil)
    #expect(try user(rig, [good.replacing("anteroom=", with: "__Host-anteroom=")]) == nil)
    #expect(try user(rig, [good.replacing("anteroom=", with: "Anteroom=")]) == nil)
    #expect(try user(rig, [try rig.cookie(host: "au.clinic.test")]) == nil)
    #expect(try user(rig, [try rig.cookie(site: "other.test")]) == nil)
    #expect(try user(rig, [try rig.cookie(isSecure: true)]) == nil)
    #expect(try user(rig, [try rig.cookie(host: "au.clinic.test")], host: "au.clinic.test") == "ann")
    #expect(try user(rig, [try rig.cookie(host: "au.clinic.test")], host: "uk.clinic.test") == nil)
    #expect(try user(rig, [String(good.dropLast(2)) + "AA"]) == nil)
  }

  @Test("a session holds only while its account is as it was at login")
  func stamps() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    #expect(try user(rig, [try rig.cookie { $0.stamp[0] ^= 1 }]) == nil)
    #expect(try user(rig, [try rig.cookie { $0.user = "eve" }]) == nil)
    #expect(try user(rig, [try rig.cookie { $0.user = "bob" }]) == nil, "another account's stamp")
  }

  @Test("sessions past their idle or absolute limit, and those of the future, are over")
  func limits() throws {
    let rig = try Rig(apps: [], changeSite: { $0.session = .init(idle: .seconds(1000), lifetime: .seconds(10_000)) })
    defer { rig.stop() }
    #expect(try user(rig, [try rig.cookie { $0.lastActivity -= 900 }]) == "ann")
    #expect(try user(rig, [try rig.cookie { $0.lastActivity -= 1100 }]) == nil)
    #expect(try user(rig, [try rig.cookie { $0.authenticatedAt -= 9000 }]) == "ann")
    #expect(try user(rig, [try rig.cookie { $0.authenticatedAt -= 10_001 }]) == nil)
    #expect(try user(rig, [try rig.cookie { $0.notAfter = $0.authenticatedAt - 1 }]) == nil)
    #expect(try user(rig, [try rig.cookie { $0.authenticatedAt += 1000 }]) == nil)
  }

  @Test("a revoked session is over at once, and no other")
  func revoked() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let id = SessionID.random()
    let (gone, other) = (try rig.cookie(id: id), try rig.cookie())
    #expect(try user(rig, [gone]) == "ann")
    let now = System.wallMilliseconds() / 1000
    try rig.services.store.revoke(id, until: now + 3600, now: now)
    #expect(try user(rig, [gone]) == nil)
    #expect(try user(rig, [other]) == "ann")
  }

  @Test("activity renews the cookie with the same login; background requests, open pages and our own do not")
  func renewal() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.session = .init(idle: .seconds(1000), lifetime: .seconds(10_000)) })
    defer { rig.stop() }
    let client = try rig.connect()
    let stale = try rig.cookie { $0.lastActivity -= 500 }
    try client.send(request("GET", "/app", ["Cookie: \(stale)"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer("200 OK", ["Set-Cookie: app=1"]))
    let renewed = try client.message()
    #expect(renewed.setCookies.count == 2)
    let cookie = try #require(renewed.setCookies.last)
    #expect(cookie.hasPrefix("anteroom=") && cookie != stale)
    #expect(try user(rig, [cookie]) == "ann")
    for target in ["/app", "/poll", "/open/x"] {
      try client.send(request("GET", target, ["Cookie: \(target == "/app" ? cookie : stale)"]))
      _ = try peer.message()
      try peer.send(answer())
      let again = try client.message()
      // A request of a signed-in user counts on an open path too.
      #expect(again.setCookies.isEmpty == (target != "/open/x"), "\(target)")
    }
    try client.send(request("GET", "/.anteroom/session", ["Cookie: \(stale)"]))
    #expect(try client.message().setCookies.isEmpty)
  }

  @Test("the app's own logout address ends our session, whatever the app answers, and does not renew it")
  func appLogout() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = try rig.cookie { $0.lastActivity -= 1000 }
    try client.send(request("GET", "/bye", ["Cookie: \(cookie)"]))
    let peer = try app.accept()
    #expect(try peer.message()["X-Auth-User"] == "ann", "the app still learns who leaves")
    try peer.send(answer("500 Broken", ["Clear-Site-Data: \"cookies\"", "Cache-Control: public"]))
    let left = try client.message()
    #expect(left.setCookies == ["anteroom="])
    #expect(left.all("Clear-Site-Data") == ["\"cache\""] && left.all("Cache-Control") == ["no-store"])
    #expect(try user(rig, [cookie]) == nil)
  }

  @Test("a patient request is refused while the audit trail cannot be written; others go on")
  func audit() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    // A file in the place of the directory: no record can be written.
    try rig.directory.remove("audit")
    try rig.directory.write("audit", "")
    let client = try rig.connect()
    let cookie = "Cookie: \(try rig.cookie())"
    try client.send(request("GET", "/patients?patient_id=x", [cookie]))
    #expect(try client.message().status == 400)
    try rig.until("found out") { !$0.services.audit.isHealthy }
    try client.send(request("GET", "/patients?patient_id=5", [cookie]))
    let refused = try client.message()
    #expect(refused.status == 503 && refused["Retry-After"] != nil)
    try expectOthersGoOn(client, app, cookie)
    // The writer tries for as long as it may; the end of the test need not wait for that.
    try rig.directory.remove("audit")
    try rig.directory.makeDirectory("audit")
    rig.services.writer.reopen()
  }

  @Test("a patient request is refused while the audit trail's queue is full; others go on")
  func fullAuditQueue() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], auditLimit: LogQueueLimit(bytes: 1, lines: 1))
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = "Cookie: \(try rig.cookie())"
    try client.send(request("GET", "/patients?patient_id=x", [cookie]) + request("GET", "/patients?patient_id=5", [cookie]))
    #expect(try client.message().status == 400)
    let refused = try client.message()
    #expect(refused.status == 503 && refused["Retry-After"] != nil)
    try expectOthersGoOn(client, app, cookie)
  }

  /// The app has heard nothing yet, and is asked when no patient is.
  private func expectOthersGoOn(_ client: Peer, _ app: App, _ cookie: String) throws {
    #expect(try !app.isAskedFor())
    try client.send(request("GET", "/app", [cookie]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer())
    #expect(try client.message().status == 200)
  }

  @Test(
    "only a navigation is sent to the login; anything else is told, without a cookie",
    arguments: [
      (["Sec-Fetch-Mode: navigate"], 302), (["Accept: text/html"], 302), (["Sec-Fetch-Mode: cors", "Accept: text/html"], 401),
      (["Accept: text/html", "X-Requested-With: x"], 401), ([], 401), (["Sec-Fetch-Mode: navigate", "Sec-Fetch-Mode: navigate"], 401),
    ])
  func navigations(fields: [String], status: Int) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/app", fields))
    let answer = try client.message()
    #expect(answer.status == status)
    #expect(answer.setCookies.isEmpty == (status == 401))
    #expect((answer["Location"] != nil) == (status == 302))
  }
}
