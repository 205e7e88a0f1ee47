import Testing

@testable import Crypto

@Suite struct SignatureSchemeTests {
  @Test func aKeyIsForItsOwnSchemesAlone() {
    let digests: [SignatureDigest] = [.sha256, .sha384, .sha512]
    let rsa = digests.flatMap { [SignatureScheme.rsaPKCS1($0), .rsaPSS($0)] }
    let all = rsa + digests.map { .ecdsa($0) } + [.ed25519]
    let own: [SignatureKeyKind: [SignatureScheme]] = [.rsa: rsa, .p256: [.ecdsa(.sha256)], .p384: [.ecdsa(.sha384)], .ed25519: [.ed25519]]
    for (kind, schemes) in own { #expect(all.filter(kind.fits) == schemes, "\(kind)") }
  }

  @Test("FIPS 180-4: the digests of abc")
  func digests() {
    let starts: [SignatureDigest: [UInt8]] = [
      .sha256: [0xBA, 0x78, 0x16, 0xBF], .sha384: [0xCB, 0x00, 0x75, 0x3F], .sha512: [0xDD, 0xAF, 0x35, 0xA1],
    ]
    for (digest, start) in starts { #expect(Array(digest.hash([UInt8]("abc".utf8)).prefix(4)) == start, "\(digest)") }
  }
}
