import Testing

@testable import TLS

@Suite struct CertificateTests {
  private func message(_ chain: [UInt8], _ key: [UInt8]) -> String {
    do throws(TLSFault) {
      _ = try Certificate(chain: chain, key: key)
      return ""
    } catch {
      return error.description
    }
  }

  @Test("what a certificate says is read from it", arguments: [KeyKind.rsa, .ecdsa, .ed25519])
  func facts(_ kind: KeyKind) throws {
    let (chain, key) = try Authority().issue("DNS:App.test,DNS:*.clinic.test,IP:127.0.0.1", kind)
    let facts = try Certificate(chain: chain, key: key).facts
    #expect(facts.names == ["app.test", "*.clinic.test"])
    #expect(facts.addresses == ["127.0.0.1"])
    #expect(facts.keyKind == kind)
    #expect(facts.notAfter - facts.notBefore == 10 * 86_400 + 60)
    #expect(facts.fingerprint.count == 32)
  }

  @Test("a key that is another certificate's is refused")
  func mismatch() throws {
    let authority = try Authority()
    let one = try authority.issue("DNS:a.test")
    let other = try authority.issue("DNS:a.test")
    #expect(message(one.chain, other.key).contains("the key is not this certificate's"))
    #expect(message(one.chain, one.key).isEmpty)
  }

  @Test("what is no PEM, or only half of it, is refused with words that say so")
  func broken() throws {
    let (chain, key) = try Authority().issue("DNS:a.test")
    #expect(message([], key).contains("no certificate in it"))
    #expect(message(Array("hello".utf8), key).contains("no certificate in it"))
    #expect(message(key, key).contains("no certificate in it"))
    #expect(!message(Array(chain[..<(chain.count / 2)]), key).isEmpty)
    #expect(message(chain, []).contains("the key cannot be read"))
    #expect(message(chain, chain).contains("the key cannot be read"))
    #expect(!message(chain, Array(key[..<(key.count / 2)])).isEmpty)
    var flipped = chain
    flipped[chain.count / 2] = flipped[chain.count / 2] == 65 ? 66 : 65
    #expect(!message(flipped, key).isEmpty)
  }

  @Test("a key with a pass phrase is refused without asking a terminal for it")
  func passPhrase() throws {
    let (chain, _) = try Authority().issue("DNS:a.test")
    let key = Array(
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBHDBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIAAAAAAAAAAACAggA\n-----END ENCRYPTED PRIVATE KEY-----\n"
        .utf8)
    #expect(message(chain, key).contains("pass phrase"))
  }

  @Test("the chain goes along")
  func chain() throws {
    let authority = try Authority()
    let (chain, key) = try authority.issue("DNS:a.test")
    #expect(try Certificate(chain: chain + authority.pem, key: key).chain.count == 1)
  }
}
