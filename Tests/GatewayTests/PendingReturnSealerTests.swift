import Session
import Testing

@testable import Gateway

@Suite struct PendingReturnSealerTests {
  let address = [UInt8]("/patients?patient_id=8675309123456789".utf8)

  private func sealer(_ keys: KeyRing.Key...) throws -> PendingReturnSealer {
    PendingReturnSealer(ring: try #require(KeyRing(keys)))
  }

  @Test("what was sealed opens, and shows nothing of the address")
  func roundTrip() throws {
    let sealer = try sealer(Fixtures.key(1))
    let sealed = sealer.seal(address, audience: try Fixtures.audience(), now: 1000)
    #expect(sealer.open(sealed, audience: try Fixtures.audience()) == address)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("8675309"))
    #expect(sealer.seal(address, audience: try Fixtures.audience(), now: 1000) != sealed)
  }

  @Test("an alteration of any byte, a cut and an addition close it")
  func altered() throws {
    let sealer = try sealer(Fixtures.key(1))
    let audience = try Fixtures.audience()
    let sealed = sealer.seal(address, audience: audience, now: 1000)
    for index in sealed.indices {
      var altered = sealed
      altered[index] ^= 1
      #expect(sealer.open(altered, audience: audience) == nil, "byte \(index)")
    }
    for count in 0..<sealed.count { #expect(sealer.open(Array(sealed.prefix(count)), audience: audience) == nil) }
    #expect(sealer.open(sealed + [0], audience: audience) == nil)
  }

  @Test(
    "it opens for its own site, host and scheme only",
    arguments: [("other.test", Fixtures.host, "http"), (Fixtures.host, "au.clinic.test", "http"), (Fixtures.host, Fixtures.host, "https")])
  func audience(site: String, host: String, scheme: String) throws {
    let sealer = try sealer(Fixtures.key(1))
    let sealed = sealer.seal(address, audience: try Fixtures.audience(), now: 1000)
    #expect(sealer.open(sealed, audience: try Fixtures.audience(site, host: host, scheme: scheme)) == nil)
  }

  @Test("a further key in the ring opens what the old one sealed; without the old one nothing does")
  func keys() throws {
    let audience = try Fixtures.audience()
    let old = Fixtures.key(1)
    let new = Fixtures.key(2, since: 500)
    let sealed = try sealer(old).seal(address, audience: audience, now: 1000)
    #expect(try sealer(old, new).open(sealed, audience: audience) == address)
    #expect(try sealer(new).open(sealed, audience: audience) == nil)
    #expect(try sealer(old, new).seal(address, audience: audience, now: 1000).prefix(4) == new.id[...])
  }
}
