import EventLoop
import Session
import Testing

@testable import Gateway

@Suite struct LogOutTests {
  private func isSignedIn(_ rig: Rig, _ cookie: String) throws -> Bool {
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/session", ["Cookie: \(cookie)"]))
    return try client.message().text.contains("true")
  }

  @Test("the form ends its own session for good and takes session and bindings away")
  func logOut() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let id = SessionID.random()
    let cookie = try rig.cookie(id: id)
    let client = try rig.connect()
    try client.send(try visit.logOut(id, cookie))
    let page = try client.message()
    #expect(page.status == 200 && page.all("Clear-Site-Data") == ["\"cache\""])
    #expect(Set(page.setCookies) == ["anteroom=", "anteroom-b-AAAAAAAA="])
    #expect(page.all("Set-Cookie").allSatisfy { $0.contains("Max-Age=0") && $0.contains("Path=/") && $0.contains("HttpOnly") })
    #expect(try !isSignedIn(rig, cookie))
    rig.stop()
    #expect(
      rig.auditLines.count == 1 && rig.auditLines[0].contains("\"event\":\"logout\"") && rig.auditLines[0].contains("\"user\":\"ann\""))
  }

  @Test("a token of another form, another session, another browser, or none, ends nothing")
  func refused() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let id = SessionID.random()
    let cookie = try rig.cookie(id: id)
    let client = try rig.connect()
    let tokens = [
      try visit.token(.login), try visit.token(.logout), try visit.token(.logout, subject: SessionID.random().bytes),
      try Visit(rig).token(.logout, subject: id.bytes), "",
    ]
    for token in tokens {
      try client.send(visit.form("/.anteroom/logout", [("token", token)], cookies: [cookie]))
      let page = try client.message()
      #expect(page.status == 403 && page.setCookies.isEmpty && page["Clear-Site-Data"] == nil)
    }
    let right = [("token", try visit.token(.logout, subject: id.bytes))]
    for origin in ["null", "https://app.test", "http://evil.test", "http://app.test:81"] {
      try client.send(visit.form("/.anteroom/logout", right, cookies: [cookie], origin: origin))
      #expect(try client.message().status == 403)
    }
    #expect(try isSignedIn(rig, cookie))
    rig.stop()
    #expect(rig.auditLines.count == 9 && rig.auditLines.allSatisfy { $0.contains("\"event\":\"refusal\"") })
  }

  @Test("somebody who is not signed in is told so, and loses what is left of a session")
  func nobody() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    try client.send(visit.form("/.anteroom/logout", [("token", "")], cookies: ["anteroom=old"]))
    let page = try client.message()
    #expect(page.status == 200 && Set(page.setCookies) == ["anteroom=", "anteroom-b-AAAAAAAA="])
    rig.stop()
    #expect(rig.auditLines.isEmpty)
  }

  @Test("the page that asks ends nothing")
  func page() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let cookie = try rig.cookie()
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/logout", ["Cookie: \(cookie)"]) + request("HEAD", "/.anteroom/logout"))
    #expect(try client.message().text.contains("<form"))
    #expect(try client.message(hasBody: false).status == 200)
    #expect(try isSignedIn(rig, cookie))
  }

  @Test("of a logout that the store cannot take an operator hears, and the browser forgets the session all the same")
  func storeFull() throws {
    let rig = try Rig(apps: [], store: try EmbeddedStore(directory: nil, returnLimit: 1, revocationLimit: 1, now: 1))
    defer { rig.stop() }
    let now = System.wallMilliseconds() / 1000
    try rig.services.store.revoke(.random(), until: now + 3600, now: now)
    let visit = Visit(rig)
    let id = SessionID.random()
    let cookie = try rig.cookie(id: id)
    let client = try rig.connect()
    try client.send(try visit.logOut(id, cookie))
    let page = try client.message()
    #expect(page.status == 500 && page.setCookies.contains("anteroom="))
    rig.stop()
    #expect(rig.eventLines.contains { $0.contains("a logout cannot be kept") })
    #expect(!rig.auditLines.contains { $0.contains("\"event\":\"logout\"") })
  }

  @Test("a logout that cannot be written is not told as one, and the session is over all the same")
  func unwritable() throws {
    let directory = try TemporaryDirectory()
    let now = System.wallMilliseconds() / 1000
    let store = try EmbeddedStore(directory: directory.file("state"), returnLimit: 1, now: now)
    // So many that the file is written anew, here into a directory that is in the way.
    for _ in 0..<4_100 { try store.revoke(.random(), until: now + 3600, now: now) }
    try directory.makeDirectory("state/revocations.new")
    let rig = try Rig(apps: [], store: store)
    defer { rig.stop() }
    let visit = Visit(rig)
    let id = SessionID.random()
    let cookie = try rig.cookie(id: id)
    let client = try rig.connect()
    try client.send(try visit.logOut(id, cookie))
    let page = try client.message()
    #expect(page.status == 500 && page.setCookies.contains("anteroom=") && page["Clear-Site-Data"] != nil)
    #expect(try !isSignedIn(rig, cookie))
    rig.stop()
    #expect(rig.eventLines.contains { $0.contains("logouts cannot be written") })
    #expect(rig.auditLines.contains { $0.contains("\"event\":\"logout\"") })
  }

  @Test("of ever so many cookies of ours only so many are looked at, and taken away")
  func manyCookies() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let bindings = (100..<400).map { "anteroom-b-AAAAA\($0)=x" }
    let client = try rig.connect()
    try client.send(visit.form("/.anteroom/logout", [("token", "")], cookies: bindings))
    #expect(try client.message().setCookies.count == 1 + 2 * CookieNames.maximumBindings)
  }
}
