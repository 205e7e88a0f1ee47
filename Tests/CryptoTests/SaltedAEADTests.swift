import Testing

@testable import Crypto

@Suite struct SaltedAEADTests {
  let crypto = CryptoContext()
  let secret = Secret([UInt8](repeating: 7, count: 32))
  let info = [UInt8]("a purpose".utf8)

  private func sealed(_ plaintext: [UInt8], _ context: [UInt8] = [1], _ more: [UInt8] = [2]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: SaltedAEAD.headCount) + plaintext
    SaltedAEAD.seal(&bytes, from: 0, secret: secret, info: info, context: context, more, using: crypto)
    return bytes
  }

  private func open(
    _ message: [UInt8], secret: Secret? = nil, info: [UInt8]? = nil, _ context: [UInt8] = [1], _ more: [UInt8] = [2]
  ) -> [UInt8]? {
    SaltedAEAD.open(message.span, secret: secret ?? self.secret, info: info ?? self.info, context: context, more, using: crypto)
  }

  @Test("what was sealed opens with the same secret, purpose and context", arguments: [0, 1, 16, 256, 3_000])
  func roundTrip(count: Int) {
    let plaintext = Random.bytes(count)
    let message = sealed(plaintext)
    #expect(message.count == SaltedAEAD.headCount + count + AEAD.tagCount)
    #expect(open(message) == plaintext)
  }

  @Test("another secret, purpose or context, any flipped bit and any lost byte keep it shut")
  func others() {
    let message = sealed([UInt8]("patient 123".utf8))
    #expect(open(message, secret: Secret([UInt8](repeating: 8, count: 32))) == nil)
    #expect(open(message, info: [UInt8]("a purposf".utf8)) == nil)
    #expect(open(message, [1], [3]) == nil)
    #expect(open(message, [2], [2]) == nil)
    for i in message.indices {
      var altered = message
      altered[i] ^= 1
      #expect(open(altered) == nil)
      #expect(open([UInt8](message.prefix(i))) == nil)
    }
    #expect(open(message) != nil)
  }

  @Test("each message has a salt and a nonce of its own, and none of its text shows")
  func unique() {
    let messages = (0..<500).map { _ in sealed([UInt8]("patient 123".utf8)) }
    #expect(Set(messages.map { [UInt8]($0.prefix(SaltedAEAD.saltCount)) }).count == messages.count)
    #expect(Set(messages.map { [UInt8]($0[SaltedAEAD.saltCount..<SaltedAEAD.headCount]) }).count == messages.count)
    #expect(Set(messages.map { [UInt8]($0.dropFirst(SaltedAEAD.headCount)) }).count == messages.count)
    #expect(messages.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("patient") })
  }

  @Test("the key is HKDF's of the secret, with the salt and the purpose: as another implementation sealed it")
  func knownAnswer() {
    let message = bytes(
      "000102030405060708090a0b0c0d0e0f6465666768696a6b6c6d6e6fb0e062f9a8f8a9658c8de6e52b005b4116cf8737910aa406c4a80a")
    let plaintext = [UInt8]("patient 123".utf8)
    for _ in 0..<2 {
      #expect(open(message, [UInt8]("one".utf8), [UInt8]("two".utf8)) == plaintext)
      var again = [9] + message.prefix(SaltedAEAD.headCount) + plaintext
      SaltedAEAD.encrypt(
        &again, from: 1, secret: secret, info: info, context: [UInt8]("one".utf8), [UInt8]("two".utf8), using: crypto)
      #expect(again == [9] + message)
    }
  }

  @Test("keys that are used once leave those that are kept as they are")
  func besideKeptKeys() {
    let key = Secret.random(count: 32)
    func fixed() -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: AEAD.nonceCount) + [7]
      crypto.aead.seal(&bytes, from: 0, key: key, context: [], random: crypto.random)
      return bytes
    }
    let first = fixed()
    let salted = sealed([8])
    #expect(crypto.aead.open(first.span, key: key, context: []) == [7])
    #expect(open(salted) == [8])
    #expect(crypto.aead.open(first.span, key: key, context: []) == [7])
    #expect(AEAD().open(fixed().span, key: key, context: []) == [7])
  }
}
