import Testing

@testable import Crypto

@Suite struct AEADTests {
  let key = Secret.random(count: 32)
  let random = RandomSupply()

  private func sealed(_ aead: AEAD, _ plaintext: [UInt8], _ key: Secret, _ context: [UInt8] = [], _ more: [UInt8] = []) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: AEAD.nonceCount) + plaintext
    aead.seal(&bytes, from: 0, key: key, context: context, more, random: random)
    return bytes
  }

  @Test("what was sealed opens with the same key and context", arguments: [0, 1, 15, 16, 17, 300])
  func roundTrip(count: Int) {
    let aead = AEAD()
    let plaintext = Random.bytes(count)
    let sealed = sealed(aead, plaintext, key, [1, 2, 3])
    #expect(sealed.count == count + AEAD.nonceCount + AEAD.tagCount)
    #expect(aead.open(sealed.span, key: key, context: [1, 2, 3]) == plaintext)
    #expect(aead.open(sealed.span, key: key, context: [1, 2, 3]) == plaintext, "and once more, with the context reused")
    #expect(AEAD().open(sealed.span, key: key, context: [1, 2, 3]) == plaintext)
  }

  @Test("a message is sealed in place, behind what is there already")
  func inPlace() {
    let aead = AEAD()
    var bytes: [UInt8] = [1, 2, 3] + [UInt8](repeating: 0, count: AEAD.nonceCount) + [7, 8]
    aead.seal(&bytes, from: 3, key: key, context: [], random: random)
    #expect(bytes.count == 3 + AEAD.nonceCount + 2 + AEAD.tagCount)
    #expect(bytes.prefix(3) == [1, 2, 3])
    #expect(aead.open(bytes.span.extracting(3..<bytes.count), key: key, context: []) == [7, 8])
  }

  @Test("the context counts as one, wherever it is divided")
  func dividedContext() {
    let aead = AEAD()
    let sealed = sealed(aead, [7], key, [1, 2], [3])
    #expect(aead.open(sealed.span, key: key, context: [1, 2, 3]) == [7])
    #expect(aead.open(sealed.span, key: key, context: [1], [2, 3]) == [7])
    #expect(aead.open(sealed.span, key: key, context: [], [1, 2, 3]) == [7])
    #expect(aead.open(sealed.span, key: key, context: [1, 2]) == nil)
  }

  @Test("any flipped bit of nonce, text or tag keeps it shut")
  func flippedBit() {
    let aead = AEAD()
    let sealed = sealed(aead, [UInt8]("patient 123".utf8), key)
    for i in sealed.indices {
      var altered = sealed
      altered[i] ^= 1
      #expect(aead.open(altered.span, key: key, context: []) == nil)
      #expect(aead.open(sealed.span, key: key, context: []) != nil, "what did not open leaves nothing behind")
    }
  }

  @Test("another key, another context or a shorter text keeps it shut")
  func others() {
    let aead = AEAD()
    let sealed = sealed(aead, [7], key, [1])
    #expect(aead.open(sealed.span, key: key, context: [2]) == nil)
    #expect(aead.open(sealed.span, key: key, context: []) == nil)
    #expect(aead.open(sealed.span, key: Secret.random(count: 32), context: [1]) == nil)
    for count in 0..<sealed.count { #expect(aead.open(sealed.span.extracting(0..<count), key: key, context: [1]) == nil) }
    #expect(aead.open(sealed.span, key: key, context: [1]) == [7])
  }

  @Test("keys may change from message to message, there and back; each opens its own alone")
  func severalKeys() {
    let aead = AEAD()
    let keys = (0..<3).map { _ in Secret.random(count: 32) }
    let messages = (0..<12).map { sealed(aead, [UInt8($0)], keys[$0 / 2 % 3]) }
    for (number, message) in messages.enumerated() {
      for (index, key) in keys.enumerated() {
        #expect(aead.open(message.span, key: key, context: []) == (index == number / 2 % 3 ? [UInt8(number)] : nil))
      }
    }
  }

  @Test("a key whose object is gone is never taken for the one that came into its place")
  func successor() {
    let aead = AEAD()
    var first: Secret? = Secret([UInt8](repeating: 1, count: 32))
    var message: [UInt8] = []
    if let first { message = sealed(aead, [7], first) }
    if let first { #expect(aead.open(message.span, key: first, context: []) == [7]) }
    first = nil
    for _ in 0..<100 {
      let second = Secret([UInt8](repeating: 2, count: 32))
      #expect(aead.open(message.span, key: second, context: []) == nil)
    }
  }

  @Test("no two messages have the same nonce")
  func nonces() {
    let aead = AEAD()
    let nonces = Set((0..<2_000).map { _ in [UInt8](sealed(aead, [7], key).prefix(AEAD.nonceCount)) })
    #expect(nonces.count == 2_000)
  }

  private static let knownKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
  private static let knownText =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"

  @Test("AES-256-GCM, McGrew and Viega's test case 16, both ways, with a context that had another key and nonce before")
  func knownAnswer() {
    let key = Secret(bytes(Self.knownKey))
    let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let nonce = bytes("cafebabefacedbaddecaf888")
    let sealed =
      nonce
      + bytes(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          + "76fc6ece0f4e1768cddf8853bb2d551b")
    let aead = AEAD()
    let other = self.sealed(aead, [7], self.key)
    for split in [0, 7, 20] {
      let first = [UInt8](context.prefix(split))
      let rest = [UInt8](context.dropFirst(split))
      for _ in 0..<2 {
        var message = nonce + bytes(Self.knownText)
        aead.encrypt(&message, from: 0, key: key, context: first, rest)
        #expect(message == sealed)
        #expect(aead.open(sealed.span, key: key, context: first, rest) == bytes(Self.knownText))
      }
      #expect(aead.open(other.span, key: self.key, context: []) == [7])
    }
  }

  @Test("AES-256-GCM, McGrew and Viega's test cases 13 and 14: no text, one block")
  func knownAnswers() {
    let key = Secret([UInt8](repeating: 0, count: 32))
    let nonce = [UInt8](repeating: 0, count: 12)
    let aead = AEAD()
    var empty = nonce
    aead.encrypt(&empty, from: 0, key: key, context: [], [])
    #expect(empty == nonce + bytes("530f8afbc74536b9a963b4f1c4cb738b"))
    var block = nonce + [UInt8](repeating: 0, count: 16)
    aead.encrypt(&block, from: 0, key: key, context: [], [])
    #expect(block == nonce + bytes("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))
    #expect(aead.open(empty.span, key: key, context: []) == [])
    #expect(aead.open(block.span, key: key, context: []) == [UInt8](repeating: 0, count: 16))
  }
}
