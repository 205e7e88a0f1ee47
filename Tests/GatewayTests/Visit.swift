import Crypto
import EventLoop
import Login
import Session
import Testing

@testable import Gateway

/// A browser as far as logins are concerned: its binding, and the forms that it sends.
struct Visit {
  let rig: Rig
  let binding = BrowserBinding(RandomSupply())
  private let crypto = CryptoContext()
  var host = Fixtures.host

  init(_ rig: Rig) { self.rig = rig }

  var now: Int64 { System.wallMilliseconds() / 1000 }
  var bindingCookie: String { "anteroom-b-AAAAAAAA=\(binding.cookieValue)" }

  func token(_ purpose: FormTokens.Purpose = .login, subject: [UInt8] = [], age: Int64 = 0) throws -> String {
    rig.generation.formTokens.mint(
      purpose, audience: try Fixtures.audience(host: host), binding: binding, subject: subject, now: now - age, using: crypto)
  }

  func ticket(_ address: String, user: String? = nil, age: Int64 = 0) throws -> String {
    try #require(try ticket(.inline, [UInt8](address.utf8), user: user, age: age))
  }

  func ticket(_ kind: ReturnAddress.Kind, _ place: [UInt8], user: String? = nil, age: Int64 = 0) throws -> String? {
    let audience = try Fixtures.audience(host: host)
    var ticket: [UInt8] = []
    guard
      rig.generation.tickets.append(
        kind, place.span, audience: audience, binding: binding, user: user, now: now - age, to: &ticket, using: crypto)
    else { return nil }
    return String(decoding: ticket, as: UTF8.self)
  }

  /// A form as this browser sends it, `fields` ready for the wire.
  func form(_ target: String, _ fields: [(String, String)], cookies: [String] = [], origin: String? = nil) -> String {
    let body = fields.map { "\($0)=\($1)" }.joined(separator: "&")
    return request(
      "POST", target,
      [
        navigation, "Origin: \(origin ?? "http://" + host)", "Content-Type: application/x-www-form-urlencoded",
        "Cookie: \(([bindingCookie] + cookies).joined(separator: "; "))",
      ], host: host, body: body)
  }

  func login(
    _ user: String = "ann", password: String = "correct+horse+battery", ticket: String = "", token: String? = nil, cookies: [String] = []
  )
    throws -> String
  {
    form(
      "/.anteroom/login", [("token", try token ?? self.token()), ("user", user), ("password", password), ("return", ticket)],
      cookies: cookies)
  }
  /// The logout form of a session.
  func logOut(_ id: SessionID, _ cookie: String) throws -> String {
    form("/.anteroom/logout", [("token", try token(.logout, subject: id.bytes))], cookies: [cookie])
  }
}
