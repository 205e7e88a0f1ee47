import Crypto
import Dispatch
import EventLoop
import Login
import Session
import Testing

@testable import Gateway

@Suite struct LogInTests {
  let patient = "/patients?patient_id=8675309"

  @Test("the right password leads to the ticket's address with a session that works, and a device cookie")
  func signIn() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    try client.send(try visit.login(ticket: try visit.ticket(patient)))
    let answer = try client.message()
    #expect(answer.status == 303 && answer["Location"] == patient)
    #expect(answer.setCookies.count == 2 && answer.setCookies[1].hasPrefix("anteroom-device="))
    try client.send(request("GET", "/.anteroom/session", ["Cookie: \(answer.setCookies[0])"]))
    #expect(try client.message().text.contains("\"user\":\"ann\",\"name\":\"Ann Example\""))
    rig.stop()
    #expect(rig.auditLines.count == 1)
    #expect(rig.auditLines[0].contains("\"event\":\"login\"") && rig.auditLines[0].contains("\"outcome\":\"signed-in\""))
    #expect(!(rig.accessLines + rig.auditLines + rig.eventLines).contains { $0.contains("8675309") || $0.contains("horse") })
  }

  @Test(
    "a ticket that cannot be opened leads to the start page",
    arguments: ["", "x", "/patients?patient_id=1", "https://evil.test/", String(repeating: "A", count: 400)])
  func badTicket(ticket: String) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(try Visit(rig).login(ticket: ticket))
    #expect(try client.message()["Location"] == "/home")
  }

  @Test("a ticket of another browser or host leads to the start page")
  func foreignTicket() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    var other = Visit(rig)
    try client.send(try Visit(rig).login(ticket: try other.ticket(patient)))
    #expect(try client.message()["Location"] == "/home")
    other.host = "au.clinic.test"
    var visit = Visit(rig)
    let elsewhere = try visit.ticket(patient)
    visit.host = "au.clinic.test"
    try client.send(try visit.login(ticket: elsewhere))
    #expect(try client.message()["Location"] == "/home")
  }

  @Test("an old ticket, and one that another user asked for, ask before they open the patient")
  func asks() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    for ticket in [try visit.ticket(patient, age: 31 * 60), try visit.ticket(patient, user: "bob")] {
      try client.send(try visit.login(ticket: ticket))
      let page = try client.message()
      #expect(page.status == 200 && page["Location"] == nil && page.text.contains(ticket))
      let session = try #require(page.setCookies.first)
      let fields = { (token: String) in [("token", token), ("confirm", "open"), ("return", ticket)] }
      let right = try visit.token(.confirm, subject: [UInt8](ticket.utf8))
      for wrong in [try visit.token(.confirm), try visit.token(.login), "x", ""] {
        try client.send(visit.form("/.anteroom/login", fields(wrong), cookies: [session]))
        #expect(try client.message().status == 403)
      }
      try client.send(visit.form("/.anteroom/login", fields(right)))
      #expect(try client.message()["Location"] == nil, "nobody is signed in any more: the login comes first")
      try client.send(visit.form("/.anteroom/login", fields(right), cookies: [session]))
      #expect(try client.message()["Location"] == patient)
    }
  }

  @Test("a long address waits in the store, sealed, and comes back byte for byte")
  func longAddress() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let address = patient + "&x=" + String(repeating: "y%2F", count: 1000)
    let client = try rig.connect()
    try client.send(request("GET", address, [navigation, "Cookie: \(visit.bindingCookie)"]))
    let redirect = try client.message()
    let ticket = try #require(redirect["Location"]?.split(separator: "return=").last.map(String.init))
    #expect(redirect.status == 302 && ticket.utf8.count < 600)
    try client.send(try visit.login(ticket: ticket))
    #expect(try client.message()["Location"] == address)
  }

  @Test("a flood of long addresses from elsewhere takes none of a client's; its own push out its oldest")
  func floodOfLongAddresses() throws {
    // A share is a quarter of the places.
    let rig = try Rig(apps: [], store: try EmbeddedStore(directory: nil, returnLimit: 12, now: 1))
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let addresses = (0..<4).map { "/patients?patient_id=\($0 + 1)&x=" + String(repeating: "y", count: 4000) }
    func ticket(_ address: String) throws -> String {
      try client.send(request("GET", address, [navigation, "Cookie: \(visit.bindingCookie)"]))
      return try #require(client.message()["Location"]?.split(separator: "return=").last.map(String.init))
    }
    func follow(_ ticket: String) throws -> String? {
      try client.send(try visit.login(ticket: ticket))
      return try client.message()["Location"]
    }
    let early = try addresses.prefix(2).map { try ticket($0) }
    for source in UInt8(2)..<6 {
      for _ in 0..<20 { _ = try rig.services.store.putReturn([1], from: [source], lifetime: 100, now: visit.now) }
    }
    #expect(try early.map { try follow($0) } == [addresses[0], addresses[1]])
    let late = try addresses.suffix(2).map { try ticket($0) }
    #expect(try early.map { try follow($0) } == ["/home", addresses[1]])
    #expect(try late.map { try follow($0) } == [addresses[2], addresses[3]])
  }

  @Test("each stranger gets a binding, a cookie name and a ticket of its own; whoever has a binding keeps it")
  func strangers() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    var seen: Set<String> = []
    for _ in 0..<100 {
      try client.send(request("GET", patient, [navigation]))
      let redirect = try client.message()
      let cookie = try #require(redirect.setCookies.first?.split(separator: "=").map(String.init))
      let ticket = try #require(redirect["Location"]?.split(separator: "return=").last.map(String.init))
      #expect(redirect.status == 302 && redirect.setCookies.count == 1 && cookie.count == 2)
      #expect(redirect["Content-Length"] == "0" && redirect["Cache-Control"] == "no-store")
      seen.formUnion(cookie + [ticket])
    }
    #expect(seen.count == 300)
    try client.send(request("GET", patient, [navigation, "Cookie: \(visit.bindingCookie)"]))
    #expect(try client.message().setCookies.isEmpty)
  }

  @Test("an address that leads off the site gets no ticket, however long; nor is it followed if it was kept", arguments: [10, 4000])
  func hostileAddress(length: Int) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let address = "//evil.test/" + String(repeating: "x", count: length)
    let client = try rig.connect()
    try client.send(request("GET", address, [navigation, "Cookie: \(visit.bindingCookie)"]))
    #expect(try client.message()["Location"] == "/.anteroom/login")
    let audience = try Fixtures.audience()
    let sealed = PendingReturnSealer(ring: rig.ring).seal(
      [UInt8](address.utf8), audience: audience, now: visit.now, using: CryptoContext())
    let id = try rig.services.store.putReturn(sealed, from: [1], lifetime: 100, now: visit.now)
    let kept = try visit.ticket(.stored, id)
    try client.send(try visit.login(ticket: try #require(kept)))
    #expect(try client.message()["Location"] == "/home")
  }

  @Test("a store that is full still lets people in; they come to the start page")
  func fullStore() throws {
    let rig = try Rig(apps: [], store: try EmbeddedStore(directory: nil, returnLimit: 0, now: 1))
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", patient + "&x=" + String(repeating: "y", count: 4000), [navigation]))
    let redirect = try client.message()
    #expect(redirect.status == 302 && redirect["Location"] == "/.anteroom/login")
  }

  @Test("a form is sent to login and never sent on: back to its page, and the page says that it was not sent")
  func unsent() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let fields = [navigation, "Referer: http://app.test/form?id=4", "Cookie: \(visit.bindingCookie)"]
    try client.send(request("POST", "/save", fields, body: "a=b") + request("POST", "/save", [navigation], body: "a=b"))
    let redirect = try client.message()
    let location = try #require(redirect["Location"])
    #expect(redirect.status == 303 && location.hasSuffix("&unsent=1"))
    let bare = try client.message()
    #expect(bare.status == 303 && bare["Location"] == "/.anteroom/login?unsent=1")
    let ticket = try #require(location.split(separator: "return=").last?.split(separator: "&").first.map(String.init))
    try client.send(try visit.login(ticket: ticket))
    #expect(try client.message()["Location"] == "/form?id=4")
  }

  @Test("a login page that was left open too long is renewed, with its ticket and without checking the password")
  func staleToken() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let ticket = try visit.ticket(patient)
    let client = try rig.connect()
    try client.send(try visit.login(ticket: ticket, token: try visit.token(age: FormTokens.lifetime + 1)))
    let page = try client.message()
    #expect(page.status == 200 && page.text.contains(ticket) && page.setCookies.isEmpty)
  }

  @Test("a form with another form's token, another browser's or none is refused, and no password is checked")
  func wrongToken() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    for token in [try visit.token(.logout), try visit.token(.confirm), try Visit(rig).token(), "", "x"] {
      try client.send(try visit.login(token: token))
      let page = try client.message()
      #expect(page.status == 403 && page.setCookies.isEmpty)
    }
    rig.stop()
    #expect(rig.auditLines.count == 5 && rig.auditLines.allSatisfy { $0.contains("\"event\":\"refusal\"") })
  }

  @Test("a login takes the place of the session before it, which ends")
  func replaces() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let old = try rig.cookie(user: "bob")
    let client = try rig.connect()
    try client.send(try Visit(rig).login(cookies: [old]))
    #expect(try client.message().status == 303)
    try client.send(request("GET", "/.anteroom/session", ["Cookie: \(old)"]))
    #expect(try client.message().text.contains("false"))
  }

  @Test("somebody who is signed in and comes to the login page with a ticket goes on to its address")
  func alreadySignedIn() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    let cookies = "Cookie: \(visit.bindingCookie); \(try rig.cookie())"
    try client.send(request("GET", "/.anteroom/login?return=\(try visit.ticket(patient))", [cookies]))
    #expect(try client.message()["Location"] == patient)
    try client.send(request("GET", "/.anteroom/login?return=\(try visit.ticket(patient, user: "bob"))", [cookies]))
    let page = try client.message()
    #expect(page.status == 200 && page["Location"] == nil)
    try client.send(request("GET", "/.anteroom/login?return=x", [cookies]))
    let login = try client.message()
    #expect(login.status == 200 && !login.text.contains("Ann"), "the login page shows nothing of the session")
  }

  @Test("the page carries on only a ticket of this browser's own", arguments: [true, false])
  func carriesTicket(isOwn: Bool) throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let visit = Visit(rig)
    let ticket = try (isOwn ? visit : Visit(rig)).ticket(patient)
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/login?return=\(ticket)", ["Cookie: \(visit.bindingCookie)"]))
    #expect(try client.message().text.contains(ticket) == isOwn)
  }

  @Test("when the ended session was another user's, the ticket remembers")
  func endedSession() throws {
    let rig = try Rig(apps: [], changeSite: { $0.session = .init(idle: .seconds(100), lifetime: .seconds(1000)) })
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    for (user, asks) in [("bob", true), ("ann", false)] {
      let ended = try rig.cookie(user: user) { $0.lastActivity -= 500 }
      try client.send(request("GET", patient, [navigation, "Cookie: \(ended); \(visit.bindingCookie)"]))
      let ticket = try #require(try client.message()["Location"]?.split(separator: "return=").last.map(String.init))
      try client.send(try visit.login(ticket: ticket))
      #expect((try client.message()["Location"] == nil) == asks)
    }
  }

  @Test("more logins at once than may wait are told to come again, and their attempts are not counted")
  func busy() throws {
    let rig = try Rig(apps: [], hashingLimit: 1)
    defer { rig.stop() }
    let gate = try rig.hashing.hold()
    defer { gate.signal() }
    #expect(rig.hashing.offer {})
    let visit = Visit(rig)
    let client = try rig.connect()
    for _ in 0..<8 {
      try client.send(try visit.login())
      let page = try client.message()
      #expect(page.status == 503 && page["Retry-After"] == "5" && page.setCookies.isEmpty)
    }
    gate.signal()
    rig.hashing.catchUp()
    try client.send(try visit.login())
    #expect(try client.message().status == 303)
    rig.stop()
    #expect(rig.auditLines.filter { $0.contains("\"outcome\":\"failed\"") }.count == 8)
    #expect(rig.accessLines.filter { $0.hasSuffix(" overload") }.count == 8)
  }

  @Test("after too many wrong passwords the right one waits too, and the lock is saved")
  func throttled() throws {
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: 1)
    let rig = try Rig(apps: [], store: store)
    defer { rig.stop() }
    let visit = Visit(rig)
    let client = try rig.connect()
    for _ in 0..<5 {
      try client.send(try visit.login(password: "wrong"))
      #expect(try client.message().status == 403)
    }
    try client.send(try visit.login())
    let page = try client.message()
    #expect(page.status == 429 && page.setCookies.isEmpty)
    let seconds = try #require(page["Retry-After"].flatMap(Int.init))
    #expect((890...900).contains(seconds))
    rig.stop()
    #expect(try store.loadLocks() != nil)
    #expect(rig.auditLines.filter { $0.contains("wrong user name or password") }.count == 5)
    #expect(rig.auditLines.filter { $0.contains("too many attempts") }.count == 1)
  }

  @Test("a result that comes when its request is over goes to no later one on the same connection")
  func stale() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let gate = try rig.hashing.hold()
    defer { gate.signal() }
    let client = try rig.connect()
    try client.send(try Visit(rig).login())
    try rig.until("waiting") { $0.stages == [.waiting] }
    // Nothing ends a request alone while it waits; what may some day is done here by hand.
    try rig.onLoop { worker in
      for exchange in worker.exchanges {
        let connection = exchange.connection
        exchange.over()
        connection?.exchangeEnded(mayContinue: true, rest: nil)
      }
    }
    try client.send(try Visit(rig).login("bob", password: "wrong"))
    try rig.until("waiting") { $0.stages == [.waiting] }
    gate.signal()
    let answer = try client.message()
    #expect(answer.status == 403 && answer.setCookies.isEmpty)
  }

  @Test("a result that comes when its client is gone signs nobody in, and whoever has the place now hears nothing of it")
  func late() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let gate = try rig.hashing.hold()
    defer { gate.signal() }
    let first = try rig.connect()
    try first.send(try Visit(rig).login())
    try rig.until("waiting") { $0.stages == [.waiting] }
    first.close(reset: true)
    try rig.until("gone") { $0.services.admission.all.count == 0 }
    // The next client gets the same place on the loop, and the same exchange, which waits for another result.
    let second = try rig.connect()
    try second.send(try Visit(rig).login("bob", password: "wrong"))
    try rig.until("waiting") { $0.stages == [.waiting] }
    gate.signal()
    let answer = try second.message()
    #expect(answer.status == 403 && answer.setCookies.isEmpty)
    try second.send(request("GET", "/.anteroom/healthz"))
    #expect(try second.message().text == "ok\n")
    rig.stop()
    #expect(rig.accessLines.count == 3)
    #expect(!rig.auditLines.contains { $0.contains("signed-in") })
  }
}
