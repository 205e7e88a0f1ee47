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

  @Test("the latest of those that share a slot is kept")
  func replacement() {
    let opened = OpenedSessions()
    let other = [0x42] + value.dropFirst()
    opened.insert(OpenedSession(.sample()), of: value.span, context: context)
    opened.insert(OpenedSession(.sample(user: "ben")), of: other.span, context: context)
    #expect(user(opened, other, context) == "ben")
    #expect(user(opened, value, context) == nil)
  }
}
