import Config
import Session
import Testing

@testable import Gateway

@Suite struct HoldFormTests {
  let type = "Content-Type: application/x-www-form-urlencoded"
  let own = "Origin: http://app.test"

  /// A cookie whose session ended a while ago.
  private func ended(_ rig: Rig) throws -> String {
    try rig.cookie {
      $0.lastActivity -= 10_000
      $0.authenticatedAt -= 10_000
    }
  }

  /// Where the login is, for a form that is sent so.
  private func location(
    _ fields: [String]? = nil, method: String = "POST", body: String? = "a=b", cookie: Bool = true,
    changeSite: (inout Site) -> Void = { _ in },
    change: (inout Configuration) -> Void = { _ in }, look: (Rig) -> Void = { _ in }
  ) throws -> String {
    let rig = try Rig(apps: [], changeSite: changeSite, change: change)
    defer { rig.stop() }
    rig.generation.setLimits(rig.services)
    let client = try rig.connect()
    let cookies = cookie ? ["Cookie: \(try ended(rig))"] : []
    try client.send(request(method, "/save?x=1", [navigation] + (fields ?? [type, own]) + cookies, body: body))
    let message = try client.message()
    #expect(message.status == (method == "GET" ? 302 : 303))
    look(rig)
    return message["Location"] ?? ""
  }

  @Test("a form with a session that has ended is held, encrypted, and its sender's login says so")
  func held() throws {
    let where_ = try location(look: { rig in
      let usage = rig.services.heldForms.usage
      #expect(usage.count == 1 && usage.bytes > 0)
    })
    #expect(where_.hasPrefix("/.anteroom/login?return=") && where_.hasSuffix("&kept=1"))
  }

  @Test("of a multipart form's type the boundary is the app's business")
  func multipart() throws {
    #expect(try location(["Content-Type: multipart/form-data; boundary=x", own], body: "--x--").hasSuffix("&kept=1"))
  }

  @Test(
    "everything else is not, and the login says that it was not sent",
    arguments: [
      ["Content-Type: text/plain", "Origin: http://app.test"], ["Origin: http://app.test"],
      ["Content-Type: application/x-www-form-urlencoded"], ["Content-Type: application/x-www-form-urlencoded", "Origin: null"],
      ["Content-Type: application/x-www-form-urlencoded", "Origin: http://evil.test"],
      ["Content-Type: application/x-www-form-urlencoded", "Origin: http://app.test", "Origin: http://app.test"],
      ["Content-Type: application/x-www-form-urlencoded", "Origin: http://app.test", "Sec-Fetch-Site: same-site"],
      ["Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain", "Origin: http://app.test"],
    ])
  func notHeld(fields: [String]) throws {
    let where_ = try location(fields, look: { #expect($0.services.heldForms.usage == (0, 0)) })
    #expect(where_.hasSuffix("unsent=1"))
  }

  @Test("a stranger's form, one without a body, another method, and one that is too long are not held, nor where it is turned off")
  func others() throws {
    #expect(try location(cookie: false).hasSuffix("unsent=1"))
    #expect(try location(body: "").hasSuffix("unsent=1"))
    #expect(try location(method: "PUT").hasSuffix("unsent=1"))
    #expect(try !location(method: "GET", body: nil).contains("kept"))
    #expect(try location(changeSite: { $0.holdForms = nil }).hasSuffix("unsent=1"))
    #expect(try location(changeSite: { $0.holdForms = 2 }).hasSuffix("unsent=1"))
    #expect(try location(changeSite: { $0.holdForms = 3 }).hasSuffix("kept=1"))
    #expect(try location(change: { $0.limits.body = 2 }).hasSuffix("unsent=1"))
    #expect(try location(change: { $0.limits.heldForms = 100 }).hasSuffix("unsent=1"))
  }

  @Test("where somebody else keeps the logins no form is held")
  func outside() throws {
    let site = Site(
      name: "a", hosts: [.exact("a")], upstreams: [],
      logins: [LoginSettings(.forward(ForwardLoginSettings(check: "http://127.0.0.1:1/")))])
    #expect(SiteSettings(site, all: [site], limits: Limits()).holdForms == nil)
  }

  @Test("a sender who is gone before the form is whole has its place given back")
  func gone() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let head = request("POST", "/save", [navigation, type, own, "Cookie: \(try ended(rig))", "Content-Length: 100"])
    try client.send(head + "a=b")
    try rig.until("a form is read") { $0.services.heldForms.usage.bytes > 100 }
    client.close()
    try rig.until("its place is free") { $0.services.heldForms.usage.bytes == 0 }
  }
}
