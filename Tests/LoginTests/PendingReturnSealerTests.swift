import Testing

@testable import Login

struct PendingReturnSealerTests {
  @Test("a long address comes back byte for byte, on its site and origin alone, and cannot be read meanwhile")
  func roundTrip() throws {
    let sealer = PendingReturnSealer(ring: try Fixtures.ring())
    let audience = try Fixtures.audience()
    let address = "/patients?patient_id=1234567890&x=".bytes + [UInt8](repeating: 97, count: 6_000)
    let sealed = sealer.seal(address, audience: audience, now: Fixtures.now)
    #expect(sealer.open(sealed, audience: audience) == address)
    #expect(try sealer.open(sealed, audience: Fixtures.audience("other")) == nil)
    #expect(try sealer.open(sealed, audience: Fixtures.audience(scheme: "http")) == nil)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("patient"))
    #expect(sealer.open(address, audience: audience) == nil)
  }
}
