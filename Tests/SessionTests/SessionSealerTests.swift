import Crypto
import Testing

@testable import Session

@Suite struct SessionSealerTests {
  static let first = KeyRing.Key(secret: .random(count: 32), since: 1_000)
  static let second = KeyRing.Key(secret: .random(count: 32), since: 2_000)
  let context = SealContext(site: "app.example.com", host: "app.example.com", isSecure: true)

  func sealer(_ keys: KeyRing.Key...) throws -> SessionSealer {
    SessionSealer(ring: try #require(KeyRing(keys)), crypto: CryptoContext())
  }

  func isShut(_ sealer: SessionSealer, _ value: [UInt8]) -> Bool {
    sealer.open(value.span, context: context) == nil
  }

  func open(_ sealer: SessionSealer, _ value: String, _ context: SealContext? = nil) -> SessionContent? {
    sealer.open([UInt8](value.utf8).span, context: context ?? self.context)?.content
  }

  @Test("a sealed session opens where it was sealed, and on another thread's sealer of the same ring")
  func roundTrip() throws {
    let sealer = try sealer(Self.first)
    let value = try sealer.seal(.sample(), context: context, now: 5_000)
    #expect(open(sealer, value) == .sample())
    #expect(open(try self.sealer(Self.first), value) == .sample())
  }

  @Test("a cookie opens, as another implementation sealed it")
  func knownCookie() throws {
    let value =
      "AShM0OhkZWZnaGlqa2xtbm_ZF15pelrsTi9SD7WBgeWhIhGWvyuNM4Fe1wODhJ-VpRQkf5bsPc9EtOTN9Bgmv7EmshvGaB9Z0B2Aq4jVDyq10dw2N9MftHLfN1iSBvd7"
      + "ySdxK-xZv-W8hm4PwiZARw45AS2luJsu4gXpTe0ASku-dvymNoiRgXw8cDqCGzOWc2-1BbrJa2cx"
    let content = try #require(open(try sealer(KeyRing.Key(secret: Secret([UInt8](repeating: 1, count: 32)), since: 0)), value))
    #expect(content.id.bytes == [UInt8](0..<16) && content.stamp == [UInt8](0..<16))
    #expect(content.login == SessionContent.passwordLogin)
    #expect(content.user == "ann" && content.name == "Zoë" && content.email == "ann@clinic.test" && content.groups == ["a", "b"])
    #expect(content.authenticatedAt == 1_799_999_900 && content.lastActivity == 1_799_999_950 && content.notAfter == 1_800_009_000)
  }

  @Test("any number of sessions open in turn, each as itself")
  func many() throws {
    let sealer = try sealer(Self.first)
    let values = try (0..<3_000).map { try sealer.seal(.sample(user: "user\($0)"), context: context, now: 5_000) }
    for _ in 0..<2 {
      let users = values.map { open(sealer, $0)?.user }
      #expect(users == (0..<3_000).map { "user\($0)" })
    }
  }

  @Test("the smallest content opens")
  func smallest() throws {
    let sealer = try sealer(Self.first)
    let content = SessionContent.sample(user: "a", name: "", email: "", groups: [])
    #expect(open(sealer, try sealer.seal(content, context: context, now: 5_000)) == content)
  }

  @Test("a value is of cookie characters, tells nothing, and is never the same twice")
  func opaque() throws {
    let sealer = try sealer(Self.first)
    let value = try sealer.seal(.sample(), context: context, now: 5_000)
    let isCookieText = value.utf8.allSatisfy {
      ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D || $0 == 0x5F
    }
    #expect(isCookieText)
    let bytes = try #require(Base64URL.decode(value))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("ana"))
    #expect(try sealer.seal(.sample(), context: context, now: 5_000) != value)
  }

  @Test(
    "a cookie of another site, another host, or of plain HTTP does not open",
    arguments: [
      SealContext(site: "other", host: "app.example.com", isSecure: true),
      SealContext(site: "app.example.com", host: "uk.example.com", isSecure: true),
      SealContext(site: "app.example.com", host: "app.example.com", isSecure: false),
      SealContext(purpose: "return", site: "app.example.com", host: "app.example.com", isSecure: true),
    ])
  func elsewhere(other: SealContext) throws {
    let sealer = try sealer(Self.first)
    for (sealed, opened) in [(other, context), (context, other)] {
      let value = try sealer.seal(.sample(), context: sealed, now: 5_000)
      #expect(open(sealer, value, opened) == nil)
      #expect(open(sealer, value, sealed) == .sample())
      #expect(open(sealer, value, opened) == nil, "also after it has opened where it belongs")
    }
  }

  @Test("any flipped bit keeps it shut")
  func flippedBit() throws {
    let sealer = try sealer(Self.first, Self.second)
    let value = try sealer.seal(.sample(), context: context, now: 5_000)
    #expect(open(sealer, value) != nil)
    let bytes = try #require(Base64URL.decode(value))
    for i in bytes.indices {
      for bit in 0..<8 {
        var altered = bytes
        altered[i] ^= 1 << UInt8(bit)
        #expect(open(sealer, Base64URL.encode(altered)) == nil)
      }
    }
  }

  @Test("any changed, missing or added character keeps it shut")
  func alteredText() throws {
    let sealer = try sealer(Self.first)
    let value = [UInt8](try sealer.seal(.sample(), context: context, now: 5_000).utf8)
    #expect(!isShut(sealer, value))
    for i in value.indices {
      for other in [UInt8]("A=% \0\u{7F}".utf8) + [0xFF] where other != value[i] {
        var altered = value
        altered[i] = other
        #expect(isShut(sealer, altered))
      }
      #expect(isShut(sealer, Array(value.prefix(i))))
      #expect(isShut(sealer, Array(value.suffix(i))))
    }
    for addition in ["A", "AA", "AAAA", "=", "=="] { #expect(isShut(sealer, (value + addition.utf8))) }
  }

  @Test("junk of any length does not open", arguments: [0, 1, 7, 8, 100, 200, 3_799, 3_800, 3_801, 8_192])
  func junk(count: Int) throws {
    let sealer = try sealer(Self.first)
    for _ in 0..<20 {
      #expect(isShut(sealer, Random.bytes(count)))
      let text = Array(Base64URL.encodeBytes(Random.bytes(count)).prefix(count))
      #expect(isShut(sealer, text))
      // With a header of ours it comes as far as the cipher.
      let header = Base64URL.encodeBytes([1] + Self.first.id + [0])
      #expect(isShut(sealer, Array((header + text).prefix(count))))
    }
  }

  @Test("what another ring sealed does not open; nor what a retired key did, though it did before")
  func otherKeys() throws {
    let value = try sealer(Self.first).seal(.sample(), context: context, now: 5_000)
    #expect(open(try sealer(KeyRing.Key(secret: .random(count: 32), since: 1_000)), value) == nil)
    #expect(open(try sealer(Self.second, Self.first), value) == .sample())
    #expect(open(try sealer(Self.second), value) == nil)
  }

  @Test("a new key opens at once, and seals once it has been there for a minute")
  func settling() throws {
    let both = try sealer(Self.first, Self.second)
    let early = try both.seal(.sample(), context: context, now: 2_059)
    let late = try both.seal(.sample(), context: context, now: 2_060)
    #expect(open(try sealer(Self.first), early) != nil)
    #expect(open(try sealer(Self.first), late) == nil)
    #expect(open(try sealer(Self.second), late) != nil)
    #expect(open(both, early) != nil)
  }

  @Test("an account that does not fit into a cookie is refused, and the error names the mend")
  func tooLarge() throws {
    let sealer = try sealer(Self.first)
    let groups = (0..<300).map { "group-\($0)" }
    #expect { try sealer.seal(.sample(groups: groups), context: context, now: 5_000) } throws: { error in
      "\(error)".contains("fewer or shorter groups")
    }
    // The largest that fits is as long as a value may be, and opens.
    var content = SessionContent.sample(name: "")
    let count = Int(SessionSealer.maximumCount) * 3 / 4 - 5 - AEAD.nonceCount - AEAD.tagCount - content.encoded().count
    content.name = String(repeating: "n", count: count)
    let value = try sealer.seal(content, context: context, now: 5_000)
    #expect(value.utf8.count == SessionSealer.maximumCount)
    #expect(open(sealer, value) == content)
    content.name += "n"
    #expect(throws: SealError.self) { try sealer.seal(content, context: context, now: 5_000) }
  }

  @Test("what could not be opened again is not sealed")
  func incomplete() throws {
    let sealer = try sealer(Self.first)
    #expect(throws: SealError.incomplete) { try sealer.seal(.sample(user: ""), context: context, now: 5_000) }
    #expect(throws: SealError.incomplete) { try sealer.seal(.sample(stamp: [1]), context: context, now: 5_000) }
  }
}
