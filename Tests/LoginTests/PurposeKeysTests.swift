import Crypto
import Session
import Testing

@testable import Login

struct PurposeKeysTests {
  private let crypto = CryptoContext()

  private static func bytes(_ secret: Secret) -> [UInt8] {
    secret.withBytes { span in (0..<span.count).map { span[$0] } }
  }

  @Test("each purpose has keys of its own, under the ring's ids")
  func purposes() throws {
    let ring = try Fixtures.ring(Fixtures.key(1), Fixtures.key(2, since: 5))
    let one = PurposeKeys(ring, purpose: "one")
    let two = PurposeKeys(ring, purpose: "two")
    for key in ring.keys {
      let a = one.secret(id: key.id).map(Self.bytes)
      let b = two.secret(id: key.id).map(Self.bytes)
      let plain = Self.bytes(key.secret)
      #expect(a?.count == 32)
      #expect(b?.count == 32)
      #expect(a != b)
      #expect(a != plain)
    }
    #expect(one.secret(id: [9, 9, 9, 9]) == nil)
  }

  @Test("the ring says which key seals")
  func sealing() throws {
    let ring = try Fixtures.ring(Fixtures.key(1), Fixtures.key(2, since: 1_000))
    let keys = PurposeKeys(ring, purpose: "p")
    #expect(keys.sealing(at: 1_000).id == Fixtures.key(1).id)
    #expect(keys.sealing(at: 1_060).id == Fixtures.key(2).id)
  }

  @Test("what is sealed opens for the same purpose and audience alone, unaltered, while its key is in the ring")
  func sealed() throws {
    let ring = try Fixtures.ring(Fixtures.key(1), Fixtures.key(2, since: 1_000))
    let keys = PurposeKeys(ring, purpose: "p")
    let audience = try Fixtures.audience()
    let sealed = keys.seal("/patients".bytes, for: audience, now: 1_000, using: crypto)
    #expect(keys.open(sealed, for: audience, using: crypto) == "/patients".bytes)
    #expect(try keys.open(sealed, for: Fixtures.audience(host: "uk.example.test"), using: crypto) == nil)
    #expect(PurposeKeys(ring, purpose: "q").open(sealed, for: audience, using: crypto) == nil)
    #expect(try PurposeKeys(Fixtures.ring(Fixtures.key(2)), purpose: "p").open(sealed, for: audience, using: crypto) == nil)
    for i in sealed.indices {
      var changed = sealed
      changed[i] ^= 1
      #expect(keys.open(changed, for: audience, using: crypto) == nil)
      #expect(keys.open([UInt8](sealed.prefix(i)), for: audience, using: crypto) == nil)
    }
  }
}
