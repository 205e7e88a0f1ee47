import Testing

@testable import Crypto

@Suite struct AEADTests {
  let key = Secret.random(count: 32)

  @Test("what was sealed opens with the same key and context", arguments: [0, 1, 15, 16, 17, 300])
  func roundTrip(count: Int) {
    let aead = AEAD(key: key)
    let plaintext = Random.bytes(count)
    let sealed = aead.seal(plaintext, context: [1, 2, 3])
    #expect(sealed.count == count + AEAD.nonceCount + AEAD.tagCount)
    #expect(aead.open(sealed.span, context: [1, 2, 3]) == plaintext)
    #expect(aead.open(sealed.span, context: [1, 2, 3]) == plaintext, "and once more, with the context reused")
  }

  @Test("any flipped bit keeps it shut")
  func flippedBit() {
    let aead = AEAD(key: key)
    let sealed = aead.seal([UInt8]("patient 123".utf8), context: [])
    for i in sealed.indices {
      var altered = sealed
      altered[i] ^= 1
      #expect(aead.open(altered.span, context: []) == nil)
    }
  }

  @Test("another key, another context or a shorter text keeps it shut")
  func others() {
    let aead = AEAD(key: key)
    let sealed = aead.seal([7], context: [1])
    #expect(aead.open(sealed.span, context: [2]) == nil)
    #expect(AEAD(key: Secret.random(count: 32)).open(sealed.span, context: [1]) == nil)
    #expect(aead.open(Array(sealed.dropLast()).span, context: [1]) == nil)
    #expect(aead.open([UInt8]().span, context: []) == nil)
  }

  @Test("AES-256-GCM, McGrew and Viega's test case 16")
  func knownAnswer() {
    let key = Secret(bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
    let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let sealed = bytes(
      "cafebabefacedbaddecaf888"
        + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        + "76fc6ece0f4e1768cddf8853bb2d551b")
    #expect(
      AEAD(key: key).open(sealed.span, context: context)
        == bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    )
  }
}
