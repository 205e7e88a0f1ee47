import Config
import Session
import Testing

@testable import Gateway

@Suite struct SessionStatusTests {
  private let own = "Origin: http://app.test"

  @Test("it tells what ends the session, and when; asking sets no cookie")
  func told() throws {
    let rig = try Rig(apps: [], changeSite: { $0.session = SessionSettings(idle: .seconds(600), lifetime: .seconds(3600)) })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(
      request(
        "GET", "/.anteroom/session", ["Cookie: \(try rig.cookie { $0.lastActivity -= 100; $0.authenticatedAt -= 200; $0.notAfter -= 250 })"]
      ))
    let message = try client.message()
    // 600 s of inactivity, and 60 more that activity may have been noted late by.
    for part in [
      "\"signed_in\":true", "\"user\":\"ann\"", "\"ends_in\":5", "\"idle_ends_in\":5", "\"lifetime_ends_in\":33", "\"idle\":600",
    ] {
      #expect(message.text.contains(part), "\(part) in \(message.text)")
    }
    #expect(message.setCookies.isEmpty)
  }

  @Test("to say that one is there is activity, for our own pages only")
  func stay() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let cookie = "Cookie: \(try rig.cookie { $0.lastActivity -= 1000; $0.authenticatedAt -= 1000 })"
    for foreign in [["Origin: http://evil.test"], ["Origin: null"], [], [own, "Sec-Fetch-Site: cross-site"]] {
      try client.send(request("POST", "/.anteroom/session", [cookie] + foreign, body: ""))
      let message = try client.message()
      #expect(message.status == 403 && message.setCookies.isEmpty)
    }
    try client.send(request("POST", "/.anteroom/session", [cookie, own], body: ""))
    let message = try client.message()
    #expect(message.status == 200 && message.setCookies.count == 1 && message.text.contains("\"signed_in\":true"))
    try client.send(request("POST", "/.anteroom/session", [own], body: "x"))
    #expect(try client.message().text == "{\"signed_in\":false}\n")
  }

  @Test("the script is for anybody, and may be kept for a while")
  func script() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/notice.js"))
    let first = try client.message()
    #expect(first.status == 200 && first["Content-Type"] == "text/javascript; charset=utf-8")
    #expect(first["Cache-Control"] == "public, max-age=300" && first.setCookies.isEmpty)
    let tag = try #require(first["ETag"])
    try client.send(request("GET", "/.anteroom/notice.js", ["If-None-Match: W/\(tag)"]))
    let again = try client.message(hasBody: false)
    #expect(again.status == 304 && again["ETag"] == tag && again["Content-Length"] == nil)
    try client.send(request("GET", "/.anteroom/notice.js", ["If-None-Match: \"x\""]))
    #expect(try client.message().status == 200)
  }

  @Test("a program is told where its user may sign in, and gets nothing more")
  func problem() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/api", ["Sec-Fetch-Mode: cors"]))
    let message = try client.message()
    #expect(message.status == 401 && message.text.contains("\"login\":\"/.anteroom/login?popup=1\""))
    #expect(message.setCookies.isEmpty && message["Location"] == nil)
  }

  @Test("a window of its own goes through the login with a ticket, and ends on the page that tells")
  func popup() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/login?popup=1", [navigation, "Cookie: \(visit.bindingCookie)"]))
    let first = try client.message()
    let ticket = try #require(first["Location"]?.split(separator: "return=").last.map(String.init))
    try client.send(try visit.login(ticket: ticket))
    let back = try client.message()
    #expect(back.status == 303 && back["Location"] == "/.anteroom/login?popup=done")
    let cookie = "Cookie: \(try rig.cookie())"
    try client.send(request("GET", "/.anteroom/login?popup=done", [navigation, cookie]))
    let done = try client.message()
    #expect(done.text.contains("anteroom:signed-in") && done["Content-Security-Policy"]?.contains("script-src 'sha256-") == true)
    try client.send(request("GET", "/.anteroom/login?popup=1", [navigation, cookie]))
    #expect(try client.message()["Location"] == "/.anteroom/login?popup=done")
  }

  @Test("nothing is told to a page of somebody else's")
  func popupOfAnother() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let ended = try rig.cookie(user: "bob") {
      $0.lastActivity -= 10_000
      $0.authenticatedAt -= 10_000
    }
    try client.send(request("GET", "/.anteroom/login?popup=1", [navigation, "Cookie: \(visit.bindingCookie); \(ended)"]))
    let redirect = try client.message()
    let ticket = try #require(redirect["Location"]?.split(separator: "return=").last.map(String.init))
    try client.send(try visit.login(ticket: ticket))
    #expect(try client.message()["Location"] == "/.anteroom/login?popup=other")
    try client.send(request("GET", "/.anteroom/login?popup=other", [navigation, "Cookie: \(try rig.cookie())"]))
    #expect(try !client.message().text.contains("<script"))
  }

  @Test("whoever wants to sign in again before the end has to, though the session still lasts")
  func popupAgain() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let cookie = try rig.cookie { $0.authenticatedAt -= 100 }
    try client.send(request("GET", "/.anteroom/login?popup=again", [navigation, "Cookie: \(visit.bindingCookie); \(cookie)"]))
    let redirect = try client.message()
    let location = try #require(redirect["Location"])
    try client.send(request("GET", location, [navigation, "Cookie: \(visit.bindingCookie); \(cookie)"]))
    #expect(try client.message().text.contains("name=\"password\""))
    try client.send(try visit.login(ticket: String(location.split(separator: "return=")[1])))
    #expect(try client.message()["Location"] == "/.anteroom/login?popup=done")
  }
}
