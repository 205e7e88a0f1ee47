import Config
import Crypto
import Login
import Session
import Testing

@testable import Gateway

@Suite struct SendHeldFormTests {
  /// A form of a person's that is held, put there without the way to it.
  private func hold(_ rig: Rig, _ visit: Visit, user: String = "ann", target: String = "/save?a=%2F") throws -> (
    id: [UInt8], ticket: String
  ) {
    let crypto = CryptoContext()
    let reference = HeldFormReference(id: crypto.random.bytes(16), key: crypto.random.bytes(32), page: [UInt8]("/page".utf8))
    let audience = try Fixtures.audience()
    let form = HeldForm(
      target: [UInt8](target.utf8), contentType: [UInt8]("text/x-form".utf8), referer: [UInt8]("http://app.test/page".utf8),
      sentAt: visit.now,
      summary: FormSummary(fields: 1), body: [UInt8]("k=v&\u{0}".utf8))
    let room = try #require(rig.services.heldForms.room(for: HeldFormOwner(site: Fixtures.host, key: user), count: 1000))
    rig.services.heldForms.hold(
      form.sealed(key: Secret(reference.key), audience: audience, using: crypto), id: reference.id, in: room, user: user, now: visit.now)
    var ticket: [UInt8] = []
    let isSealed = rig.generation.tickets.append(
      reference, audience: audience, binding: visit.binding, user: user, now: visit.now, to: &ticket, using: crypto)
    #expect(isSealed)
    return (reference.id, String(decoding: ticket, as: UTF8.self))
  }

  private func order(
    _ visit: Visit, _ ticket: String, user: String = "ann", token: String? = nil, target: String = "/save?a=%2F&anteroom-held=1"
  )
    throws -> String
  {
    visit.form(
      target, [("return", ticket), ("token", try token ?? visit.token(.held, subject: [UInt8](ticket.utf8)))],
      cookies: [try visit.rig.cookie(user: user), "app=1"])
  }

  @Test("the app gets the form as it was sent first, with the session and the cookies of now; nobody gets it twice")
  func sent() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    try client.send(try order(visit, ticket))
    let peer = try app.accept()
    let got = try peer.message()
    #expect(got.start == "POST /save?a=%2F HTTP/1.1" && got.text == "k=v&\u{0}")
    #expect(got["Content-Type"] == "text/x-form" && got["Content-Length"] == "5" && got["Cookie"] == "app=1")
    #expect(got["Origin"] == "http://app.test" && got["Referer"] == "http://app.test/page" && got["X-Auth-User"] == "ann")
    #expect(rig.services.heldForms.look(id, now: visit.now) == .underWay)
    try peer.send(answer())
    #expect(try client.message().text == "fine")
    let now = visit.now
    try rig.until("it is noted") { $0.services.heldForms.look(id, now: now) == .gone(.sent) }
    try client.send(try order(visit, ticket))
    #expect(try client.message().text.contains("was sent already"))
  }

  @Test("an order without the page's token, with one for something else, or from elsewhere sends nothing")
  func forged() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    let subject = [UInt8](ticket.utf8)
    for token in [
      "", "x", try visit.token(.confirm, subject: subject), try visit.token(.held),
      try visit.token(.held, subject: subject, age: 13 * 3600),
    ] {
      try client.send(try order(visit, ticket, token: token))
      #expect(try client.message().status == 403)
    }
    let token = try visit.token(.held, subject: subject)
    try client.send(
      visit.form(
        "/save?anteroom-held=1", [("return", ticket), ("token", token)], cookies: [try rig.cookie()], origin: "http://evil.test"))
    #expect(try client.message().status == 403)
    if case .held = rig.services.heldForms.look(id, now: visit.now) {} else { Issue.record("it is still held") }
  }

  @Test("somebody else's form is destroyed, whether it is looked at or ordered")
  func otherUser() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let first = try hold(rig, visit)
    try client.send(try order(visit, first.ticket, user: "bob"))
    #expect(try client.message().text.contains("Somebody else"))
    #expect(rig.services.heldForms.look(first.id, now: visit.now) == .gone(.otherUser))
    let second = try hold(rig, visit)
    try client.send(
      request(
        "GET", "/.anteroom/login?return=\(second.ticket)", [navigation, "Cookie: \(visit.bindingCookie); \(try rig.cookie(user: "bob"))"]))
    #expect(try client.message().text.contains("Somebody else"))
    #expect(rig.services.heldForms.look(second.id, now: visit.now) == .gone(.otherUser))
  }

  @Test("in another browser it is destroyed, whoever it is")
  func otherBrowser() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    try client.send(try order(Visit(rig), ticket, token: nil))
    _ = try client.message()
    try client.send(request("GET", "/.anteroom/login?return=\(ticket)", [navigation, "Cookie: \(try rig.cookie())"]))
    #expect(try client.message().text.contains("another browser"))
    #expect(rig.services.heldForms.look(id, now: visit.now) == .gone(.otherBrowser))
  }

  @Test("an app that cannot be reached has got nothing: the form is held on, and offered again")
  func unreachable() throws {
    let app = try App()
    let address = app.address
    app.close()
    let rig = try Rig(apps: [address])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    for _ in 0..<2 {
      try client.send(try order(visit, ticket))
      let message = try client.message()
      #expect(message.status == 502 && message.text.contains("It could not be sent"))
    }
    if case .held = rig.services.heldForms.look(id, now: visit.now) {} else { Issue.record("it is still held") }
  }

  @Test("once an app may have got a byte it counts as sent")
  func uncertain() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    try client.send(try order(visit, ticket))
    let peer = try app.accept()
    _ = try peer.message()
    peer.close(reset: true)
    let message = try client.message()
    #expect(message.status == 502 && message.text.contains("may have been sent"))
    #expect(rig.services.heldForms.look(id, now: visit.now) == .gone(.sent))
  }

  @Test("without a session an order leads to the login, and is not held itself")
  func noSession() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let (id, ticket) = try hold(rig, visit)
    let client = try rig.connect()
    try client.send(
      visit.form("/save?anteroom-held=1", [("return", ticket), ("token", try visit.token(.held, subject: [UInt8](ticket.utf8)))]))
    let message = try client.message()
    #expect(message.status == 200 && message.text.contains("name=\"password\"") && message.text.contains(ticket))
    if case .held = rig.services.heldForms.look(id, now: visit.now) {} else { Issue.record("it is still held") }
    #expect(rig.services.heldForms.usage.count == 1)
  }

  @Test(
    "the address of its answer, asked for anew, is the app's own",
    arguments: [
      ("/a?anteroom-held=1", "/a"), ("/a?b=c&anteroom-held=1", "/a?b=c"), ("//evil.test?anteroom-held=1", "/home"),
      ("/.//evil.test?anteroom-held=1", "/home"),
    ])
  func address(target: String, leads: String) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", target, [navigation]))
    #expect(try client.message()["Location"] == leads)
  }

  @Test(
    "a mark that is none is the app's business",
    arguments: ["/open/a?xanteroom-held=1", "/open/a?anteroom-held=12", "/open/a?anteroom-held=1&b"])
  func noMark(target: String) throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", target))
    #expect(try app.accept().message().start == "GET \(target) HTTP/1.1")
  }
}
