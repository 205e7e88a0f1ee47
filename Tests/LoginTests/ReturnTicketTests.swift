import Crypto
import Session
import Testing

@testable import Login

struct ReturnTicketTests {
  let now = Fixtures.now
  let binding = BrowserBinding()
  let patient = "/patients?patient_id=1234567890&return=https://x/y;z&a=%2F+b".bytes

  private func tickets() throws -> ReturnTickets { ReturnTickets(ring: try Fixtures.ring()) }

  private func seal(_ address: [UInt8]? = nil, user: String? = nil, audience: Audience? = nil) throws -> [UInt8] {
    let audience = try audience ?? Fixtures.audience()
    return try #require(tickets().seal(.inline(address ?? patient), audience: audience, binding: binding, user: user, now: now)).bytes
  }

  private func open(
    _ ticket: [UInt8], audience: Audience? = nil, bindings: [BrowserBinding]? = nil, user: String = "ann", after: Int64 = 60
  ) throws -> TicketOutcome {
    let audience = try audience ?? Fixtures.audience()
    return try tickets().open(ticket, audience: audience, bindings: bindings ?? [binding], user: user, now: now + after)
  }

  @Test("a ticket leads back to its address byte for byte")
  func follow() throws {
    #expect(try open(seal()) == .follow(.inline(patient)))
    #expect(try open(seal(), after: 0) == .follow(.inline(patient)))
    #expect(try open(seal(user: "ann")) == .follow(.inline(patient)))
  }

  @Test("a ticket of the first version leads back, as another implementation sealed it")
  func knownTicket() throws {
    let ticket =
      "AShM0OgAAQIDBAUGBwgJCgsMDQ4PZGVmZ2hpamtsbW5vM1ckcP-0DrHx3TNEX9kQ2aWyw6ABl0xHxOc2rrLS5QwtodVrv20CyWqS7HS-Tkhp_dvpmAfwgNIKX13YXZOpVoLS"
      + "i6ggetGKL1U87RbvDWkolAMC-p2cJhGt1WPveM5H96tHMGZ95D3kztEIKOkHJefZjqEz-8ilTw9abLoXDwdhHGfKpnhtNaHyRWeE_jlF3Z65HoWPeXYq09t9pMiOR2fvRoyd"
      + "vKAIXOVzmIkswsV9UAQ60kgEM4PDQsjkChq-PGHzaY5jOFkhVc-lx5rHzCMvTG7rY33p3wYvUiiJxX4wCgyCNFXUzm-cuKKPz01q4ROKIWwtvY3mvYi6FFPrPDO5whGnjeW7"
      + "H6ci536bExM"
    let known = try #require(BrowserBinding(bytes: [UInt8](200..<216)))
    #expect(try open(ticket.bytes, bindings: [known], user: "ann") == .follow(.inline(patient)))
    #expect(try open(ticket.bytes, bindings: [known], user: "bob") == .ask(.inline(patient), reason: .otherUser))
    #expect(try seal(user: "ann").count == ticket.utf8.count)
  }

  @Test("a ticket goes behind what is there; of a refused one nothing does")
  func appended() throws {
    var output: [UInt8] = [33]
    let crypto = CryptoContext()
    let audience = try Fixtures.audience()
    func append(_ address: [UInt8], user: String? = nil) throws -> Bool {
      try tickets().append(.inline, address.span, audience: audience, binding: binding, user: user, now: now, to: &output, using: crypto)
    }
    #expect(try !append("//evil.com".bytes) && output == [33])
    #expect(try !append(patient, user: String(repeating: "u", count: 1_000)) && output == [33])
    #expect(try append(patient) && output[0] == 33)
    #expect(try open([UInt8](output.dropFirst())) == .follow(.inline(patient)))
  }

  @Test("three tabs, finished in any order, come to three different patients", arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
  func tabs(_ order: [Int]) throws {
    let addresses = (0..<3).map { "/patients?patient_id=\($0 + 1)".bytes }
    let tickets = try addresses.map { try seal($0) }
    for tab in order { #expect(try open(tickets[tab]) == .follow(.inline(addresses[tab]))) }
  }

  @Test("any of the bindings that a browser sends will do")
  func severalBindings() throws {
    #expect(try open(seal(), bindings: [BrowserBinding(), binding, BrowserBinding()]) == .follow(.inline(patient)))
    let many = (0..<CookieNames.maximumBindings).map { _ in BrowserBinding() } + [binding]
    #expect(try open(seal(), bindings: many) == .none, "a cookie jar full of them is not searched without end")
  }

  @Test("a ticket altered in any byte, cut or lengthened is none")
  func altered() throws {
    let ticket = try seal()
    let wire = try #require(Base64URL.decode(ticket))
    for i in wire.indices {
      var changed = wire
      changed[i] ^= 1
      #expect(try open(Base64URL.encodeBytes(changed)) == .none)
    }
    for count in [0, 1, 20, wire.count - 1] { #expect(try open(Base64URL.encodeBytes([UInt8](wire.prefix(count)))) == .none) }
    #expect(try open(Base64URL.encodeBytes(wire + [0])) == .none)
    #expect(try open(ticket + "!".bytes) == .none)
    #expect(try open([UInt8](repeating: 65, count: 10_000)) == .none)
  }

  @Test("a ticket is good in the browser that asked for it, on its site, host and scheme")
  func elsewhere() throws {
    let ticket = try seal()
    #expect(try open(ticket, bindings: []) == .none)
    #expect(try open(ticket, bindings: [BrowserBinding()]) == .none)
    #expect(try open(ticket, audience: Fixtures.audience("other")) == .none)
    #expect(try open(ticket, audience: Fixtures.audience(host: "uk.example.test")) == .none)
    #expect(try open(ticket, audience: Fixtures.audience(host: "app.example.test:8443")) == .none)
    #expect(try open(ticket, audience: Fixtures.audience(scheme: "http")) == .none)
  }

  @Test("after half an hour it asks, after twelve hours it is none")
  func age() throws {
    let ticket = try seal()
    #expect(try open(ticket, after: 1_799) == .follow(.inline(patient)))
    #expect(try open(ticket, after: 1_800) == .ask(.inline(patient), reason: .old(seconds: 1_800)))
    #expect(try open(ticket, after: 12 * 3_600 - 1) == .ask(.inline(patient), reason: .old(seconds: 12 * 3_600 - 1)))
    #expect(try open(ticket, after: 12 * 3_600) == .none)
    #expect(try open(ticket, after: -3_600) == .none)
  }

  @Test("another user than the one whose session ran out is asked")
  func otherUser() throws {
    let ticket = try seal(user: "ann")
    #expect(try open(ticket, user: "bob") == .ask(.inline(patient), reason: .otherUser))
    #expect(try open(ticket, user: "bob", after: 3_600) == .ask(.inline(patient), reason: .otherUser))
    #expect(try open(seal(user: "jos\u{E9}"), user: "jose\u{301}") == .follow(.inline(patient)))
  }

  @Test("the length tells nothing about the digits, and nothing readable is in it")
  func padding() throws {
    let short = try seal("/patients?patient_id=1".bytes)
    let long = try seal("/patients?patient_id=9223372036854775807".bytes)
    #expect(short.count == long.count)
    let wire = try #require(Base64URL.decode(long))
    #expect(!String(decoding: wire, as: UTF8.self).contains("patient"))
    #expect(try seal() != seal())
  }

  @Test("hostile and over-long addresses are not sealed")
  func refused() throws {
    for address in ["//evil.com/%2e%2e?patient_id=1", "/\\evil.com", "/.anteroom/logout", ""] {
      #expect(try tickets().seal(.inline(address.bytes), audience: Fixtures.audience(), binding: binding, user: nil, now: now) == nil)
    }
    let long = "/".bytes + [UInt8](repeating: 97, count: 2_047)
    #expect(
      try open(seal(long, user: String(repeating: "u", count: 256)), user: String(repeating: "u", count: 256)) == .follow(.inline(long)))
    #expect(try tickets().seal(.inline(long + [97]), audience: Fixtures.audience(), binding: binding, user: nil, now: now) == nil)
  }

  @Test("a longer address goes by its store id")
  func stored() throws {
    let id = [UInt8](repeating: 7, count: 16)
    let ticket = try #require(tickets().seal(.stored(id), audience: Fixtures.audience(), binding: binding, user: nil, now: now))
    #expect(try open(ticket.bytes) == .follow(.stored(id)))
    #expect(try tickets().seal(.stored([1]), audience: Fixtures.audience(), binding: binding, user: nil, now: now) == nil)
  }

  @Test("a ticket lives as long as its key is in the ring")
  func keys() throws {
    let old = ReturnTickets(ring: try Fixtures.ring(Fixtures.key(1)))
    let both = ReturnTickets(ring: try Fixtures.ring(Fixtures.key(1), Fixtures.key(2, since: now)))
    let new = ReturnTickets(ring: try Fixtures.ring(Fixtures.key(2, since: now)))
    let audience = try Fixtures.audience()
    let ticket = try #require(old.seal(.inline(patient), audience: audience, binding: binding, user: nil, now: now)).bytes
    #expect(both.open(ticket, audience: audience, bindings: [binding], user: "a", now: now) == .follow(.inline(patient)))
    #expect(new.open(ticket, audience: audience, bindings: [binding], user: "a", now: now) == .none)
  }

  @Test("a ticket to a form names it and its key, for its sender and in its browser; elsewhere it says which form came up there")
  func heldForm() throws {
    let form = HeldFormReference(id: [UInt8](0..<16), key: [UInt8](100..<132), page: "/notes?x=1".bytes)
    let audience = try Fixtures.audience()
    let ticket = try #require(tickets().seal(.held(form), audience: audience, binding: binding, user: "ann", now: now)).bytes
    #expect(try open(ticket) == .follow(.held(form)))
    #expect(try open(ticket, user: "bob") == .ask(.held(form), reason: .otherUser))
    #expect(try open(ticket, bindings: [BrowserBinding()]) == .otherBrowser(form))
    #expect(try open(ticket, bindings: []) == .otherBrowser(form))
    #expect(try open(ticket, audience: Fixtures.audience("else.test")) == .none)
    #expect(try open(ticket, after: ReturnTickets.lifetime) == .none)
  }

  @Test("a page that is too long, or leads elsewhere, is left out of a ticket to a form")
  func heldFormPage() throws {
    for page in ["//evil.test", "/" + String(repeating: "x", count: 2_001)] {
      let form = HeldFormReference(id: [UInt8](0..<16), key: [UInt8](100..<132), page: page.bytes)
      let audience = try Fixtures.audience()
      let ticket = try #require(tickets().seal(.held(form), audience: audience, binding: binding, user: "ann", now: now)).bytes
      #expect(try open(ticket) == .follow(.held(HeldFormReference(id: form.id, key: form.key, page: []))))
    }
  }

  @Test("a ticket of a window that waits for a login leads nowhere else, and says since when it waits")
  func popup() throws {
    let audience = try Fixtures.audience()
    func ticket(_ since: [UInt8]) throws -> [UInt8]? {
      var output: [UInt8] = []
      let isSealed = try tickets().append(
        .popup, since.span, audience: audience, binding: binding, user: nil, now: now, to: &output, using: CryptoContext())
      return isSealed ? output : nil
    }
    #expect(try open(ticket([]) ?? []) == .follow(.popup(since: nil)))
    #expect(try open(ticket([0, 0, 0, 0, 0, 0, 1, 2]) ?? []) == .follow(.popup(since: 258)))
    let odd = try ticket([1])
    #expect(odd == nil)
  }
}
