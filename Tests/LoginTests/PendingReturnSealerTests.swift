import Crypto
import Testing

@testable import Login

struct PendingReturnSealerTests {
  let crypto = CryptoContext()

  @Test("what the first version sealed opens, as another implementation sealed it")
  func known() throws {
    let sealed =
      "01284cd0e86465666768696a6b6c6d6e6f1d054290a28195be6f753e6bb084362d25edc80fcbd0515beb105848aeeb5c29a930c77db6a3f8cebb4898891eb1"
      + "bb196966406a09868f19f8e88f4e7a78476e1e5bdc3f8df18c411e733272"
    let bytes = stride(from: 0, to: sealed.utf8.count, by: 2).compactMap { UInt8(sealed.dropFirst($0).prefix(2), radix: 16) }
    let address = try PendingReturnSealer(ring: Fixtures.ring()).open(bytes, audience: Fixtures.audience(), using: crypto)
    #expect(address == "/patients?patient_id=1234567890&return=https://x/y;z&a=%2F+b".bytes)
  }

  @Test("a long address comes back byte for byte, on its site and origin alone, and cannot be read meanwhile")
  func roundTrip() throws {
    let sealer = PendingReturnSealer(ring: try Fixtures.ring())
    let audience = try Fixtures.audience()
    let address = "/patients?patient_id=1234567890&x=".bytes + [UInt8](repeating: 97, count: 6_000)
    let sealed = sealer.seal(address, audience: audience, now: Fixtures.now, using: crypto)
    #expect(sealer.open(sealed, audience: audience, using: crypto) == address)
    #expect(try sealer.open(sealed, audience: Fixtures.audience("other"), using: crypto) == nil)
    #expect(try sealer.open(sealed, audience: Fixtures.audience(scheme: "http"), using: crypto) == nil)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("patient"))
    #expect(sealer.open(address, audience: audience, using: crypto) == nil)
  }
}
