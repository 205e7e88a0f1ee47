import Crypto
import Testing

@testable import Session

@Suite struct OpenedSessionsTests {
  let context = SealContext(site: "s", host: "h", isSecure: true)
  let value = [UInt8]("AbcdefghijklmnopqrstuvwxyZ".utf8)

  func user(_ opened: OpenedSessions, _ value: [UInt8], _ context: SealContext) -> String? {
    opened.session(of: value.span, context: context)?.user
  }

  @Test("what was kept is found under its value and context, and nowhere else")
  func exact() {
    let opened = OpenedSessions()
    #expect(user(opened, value, context) == nil)
    opened.insert(OpenedSession(.sample()), of: value.span, context: context)
    #expect(user(opened, value, context) == "ana")
    #expect(user(opened, value, SealContext(site: "s", host: "h", isSecure: false)) == nil)
    for i in value.indices {
      var other = value
      other[i] ^= 1
      #expect(user(opened, other, context) == nil)
    }
    #expect(user(opened, [0x41] + value, context) == nil)
    #expect(user(opened, Array(value.dropFirst()), context) == nil)
    #expect(user(opened, [], context) == nil)
  }

  @Test("the latest two of those that share a place are kept")
  func replacement() {
    let opened = OpenedSessions()
    let values: [[UInt8]] = [0x42, 0x43, 0x44].map { [$0] + value.dropFirst() }
    for (value, name) in zip(values, ["ben", "cleo", "dan"]) {
      let span = value.span
      opened.insert(OpenedSession(.sample(user: name)), of: span, context: context)
    }
    #expect(values.map { user(opened, $0, context) } == [nil, "cleo", "dan"])
    // Kept anew, it takes no other's place.
    let again = values[2]
    opened.insert(OpenedSession(.sample(user: "eve")), of: again.span, context: context)
    #expect(values.map { user(opened, $0, context) } == [nil, "cleo", "eve"])
  }

  @Test("what is used stays, and what is not is forgotten")
  func unused() {
    let opened = OpenedSessions()
    opened.insert(OpenedSession(.sample()), of: value.span, context: context)
    for _ in 0..<3 {
      opened.forgetUnused()
      #expect(user(opened, value, context) == "ana")
    }
    opened.forgetUnused()
    opened.forgetUnused()
    #expect(user(opened, value, context) == nil)
  }

  @Test("1,000 cookies asked for in turn are nearly all found")
  func many() throws {
    let opened = OpenedSessions()
    var values: [[UInt8]] = []
    for number in 0..<1000 { values.append(Base64URL.encodeBytes(SHA256.hash([UInt8(number >> 8), UInt8(number & 255)]))) }
    for value in values {
      let span = value.span
      opened.insert(OpenedSession(.sample()), of: span, context: context)
    }
    var found = 0
    for value in values where user(opened, value, context) != nil { found += 1 }
    #expect(found > 980)
  }
}
