import Crypto
import Testing

@testable import Session

@Suite struct KeyRingTests {
  let old = KeyRing.Key(secret: Secret([UInt8](repeating: 1, count: 32)), since: 1_000)
  let new = KeyRing.Key(secret: Secret([UInt8](repeating: 2, count: 32)), since: 2_000)

  @Test("a ring without keys is none")
  func empty() {
    #expect(KeyRing([]) == nil)
  }

  @Test("the newest key that has been there for a minute seals; before, the one before it; else the oldest")
  func sealing() throws {
    let ring = try #require(KeyRing([old, new]))
    #expect(ring.sealing(at: 2_060).id == new.id)
    #expect(ring.sealing(at: 2_059).id == old.id)
    #expect(ring.sealing(at: 1_000).id == old.id)
  }

  @Test("keys of the same second are in the same order for everybody")
  func ties() throws {
    let twin = KeyRing.Key(secret: Secret([UInt8](repeating: 3, count: 32)), since: 2_000)
    let one = try #require(KeyRing([old, new, twin]))
    let other = try #require(KeyRing([twin, old, new]))
    #expect(one.keys.map(\.id) == other.keys.map(\.id))
  }

  @Test("a key's id is its own and does not show its bytes")
  func ids() {
    #expect(old.id != new.id)
    #expect(old.id.count == 4)
  }
}
