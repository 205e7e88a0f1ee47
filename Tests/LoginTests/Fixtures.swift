import Config
import Crypto
import Session
import Testing

@testable import Login

/// What several suites need: fixed keys, accounts with cheap hashes, and addresses.
enum Fixtures {
  static let password = "correct horse battery"
  /// bcrypt at its lowest cost, of `password`.
  static let bcrypt = "$2b$04$zAL2wU7bO4gGZrVdeZqSVOiL/a6mMg9fxQFUlBM9TvG4edwjkbRnK"
  static let now: Int64 = 1_800_000_000

  static func key(_ byte: UInt8, since: Int64 = 0) -> KeyRing.Key {
    KeyRing.Key(secret: Secret([UInt8](repeating: byte, count: 32)), since: since)
  }

  static func ring(_ keys: KeyRing.Key...) throws -> KeyRing { try #require(KeyRing(keys.isEmpty ? [key(1)] : keys)) }

  static func audience(_ site: String = "app.example.test", scheme: String = "https", host: String = "app.example.test") throws -> Audience
  {
    Audience(site: site, origin: try #require(WebOrigin(scheme: scheme, authority: [UInt8](host.utf8))))
  }

  static func account(_ user: String, hash: String = bcrypt, email: String = "", groups: [String] = []) throws -> Account {
    Account(key: try #require(UserName.fold(user)), user: user, hash: hash, email: email, groups: groups)
  }

  static func network(_ last: UInt8 = 1) throws -> ClientNetwork { try #require(ClientNetwork(text: "192.0.2.\(last)")) }

  static func throttle(account: Int = 5, address: Int = 50, entries: Int = 1_000) -> Throttle {
    var settings = ThrottleSettings()
    settings.account.count = account
    settings.address.count = address
    return Throttle(settings: settings, entries: entries)
  }
}

extension BrowserBinding {
  /// A new one.
  init() { self.init(RandomSupply()) }
}

extension String {
  var bytes: [UInt8] { [UInt8](utf8) }
}

// Macros cannot take spans: arrays for them.

extension Base64URL {
  static func decode(_ text: [UInt8]) -> [UInt8]? { decode(text.span) }
}

extension BrowserBinding {
  init?(cookie value: [UInt8]) { self.init(cookie: value.span) }
}

extension URLEncodedForm {
  init?(_ body: [UInt8]) { self.init(body.span) }
}

extension DeviceCookies {
  func open(_ value: [UInt8], audience: Audience, now: Int64) -> Device? {
    open(value.span, audience: audience, now: now, using: CryptoContext())
  }

  func seal(adding user: String, to device: Device?, audience: Audience, now: Int64) -> String {
    seal(adding: user, to: device, audience: audience, now: now, using: CryptoContext())
  }
}

extension ReturnTickets {
  func open(_ ticket: [UInt8], audience: Audience, bindings: [BrowserBinding], user: String, now: Int64) -> TicketOutcome {
    open(ticket.span, audience: audience, bindings: bindings, user: user, now: now, using: CryptoContext())
  }

  func seal(_ address: ReturnAddress, audience: Audience, binding: BrowserBinding, user: String?, now: Int64) -> String? {
    var ticket: [UInt8] = []
    let crypto = CryptoContext()
    let isSealed =
      switch address {
      case .inline(let bytes):
        append(.inline, bytes.span, audience: audience, binding: binding, user: user, now: now, to: &ticket, using: crypto)
      case .stored(let id):
        append(.stored, id.span, audience: audience, binding: binding, user: user, now: now, to: &ticket, using: crypto)
      case .held(let form):
        append(form, audience: audience, binding: binding, user: user ?? "", now: now, to: &ticket, using: crypto)
      case .popup:
        append(.popup, [UInt8]().span, audience: audience, binding: binding, user: user, now: now, to: &ticket, using: crypto)
      }
    return isSealed ? String(decoding: ticket, as: UTF8.self) : nil
  }
}
