import TestKeys
import Testing

@testable import Crypto

@Suite struct PrivateKeyTests {
  private func publicKey(_ key: TestKey) -> PublicKey? {
    switch key.kind {
    case .rsa: PublicKey(modulus: key.numbers[0], exponent: key.numbers[1])
    case .p256: PublicKey(curve: .p256, x: key.numbers[0], y: key.numbers[1])
    case .p384: PublicKey(curve: .p384, x: key.numbers[0], y: key.numbers[1])
    case .ed25519: PublicKey(ed25519: key.numbers[0])
    }
  }

  private let schemes: [SignatureScheme] = [
    .rsaPKCS1(.sha256), .rsaPKCS1(.sha384), .rsaPKCS1(.sha512), .rsaPSS(.sha256), .ecdsa(.sha256), .ecdsa(.sha384), .ed25519,
  ]

  @Test(arguments: TestKey.Kind.allCases)
  func signsWhatItsPublicHalfVerifiesInEveryWayThatFits(_ kind: TestKey.Kind) throws {
    let made = try TestKey(kind)
    let key = try made.privateKey()
    let open = try #require(publicKey(made))
    let message = [UInt8]("a message".utf8)
    #expect(key.kind == open.kind)
    #expect(key.kind.fits(key.scheme))
    for scheme in schemes {
      let signature = key.sign(message, scheme: scheme)
      #expect((signature != nil) == key.kind.fits(scheme), "\(scheme)")
      guard var signature else { continue }
      #expect(open.verify(message, signature: signature, scheme: scheme), "\(scheme)")
      for other in schemes where other != scheme { #expect(!open.verify(message, signature: signature, scheme: other), "\(other)") }
      signature[signature.count / 2] ^= 1
      #expect(!open.verify(message, signature: signature, scheme: scheme), "\(scheme)")
    }
  }

  @Test func signaturesOnACurveHaveOneLength() throws {
    let key = try TestKey(.p256).privateKey()
    // Numbers with leading zeros come about once in 128 times.
    for round in 0..<400 { #expect(key.sign([UInt8(round & 0xFF)], scheme: .ecdsa(.sha256))?.count == 64) }
  }

  @Test("RFC 8037, A.4: Ed25519")
  func rfc8037A4() throws {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n"
    let key = try PrivateKey(pem: [UInt8](pem.utf8))
    let message = [UInt8]("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
    #expect(
      key.sign(message, scheme: .ed25519).map(Base64URL.encode)
        == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
  }

  @Test func refusesShortAndUnreadableKeys() throws {
    let short = try TestKey(.rsa, bits: 1024)
    #expect(throws: KeyFault.self) { try short.privateKey() }
    #expect(throws: KeyFault.self) { try PrivateKey(pem: []) }
    #expect(throws: KeyFault.self) { try PrivateKey(pem: [UInt8]("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8)) }
  }
}
