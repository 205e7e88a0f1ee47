import Testing

@testable import Session

extension SessionContent {
  static func sample(
    user: String = "ana", name: String = "Ana Ruiz", email: String = "ana@example.com", groups: [String] = ["physio", "admin"],
    stamp: [UInt8] = [UInt8](repeating: 9, count: 16), authenticatedAt: Int64 = 1_000_000, lastActivity: Int64 = 1_000_000,
    notAfter: Int64 = 1_043_200
  ) -> SessionContent {
    SessionContent(
      id: SessionID(high: 1, low: 2), user: user, name: name, email: email, groups: groups, stamp: stamp, authenticatedAt: authenticatedAt,
      lastActivity: lastActivity, notAfter: notAfter)
  }
}

@Suite struct SessionContentTests {
  @Test("an encoded content is read back the same")
  func roundTrip() {
    let content = SessionContent.sample()
    #expect(SessionContent(encoded: content.encoded()) == content)
  }

  @Test("no two different contents have the same encoding, however their text is divided")
  func distinct() {
    // Every way to lay at most three characters of one short alphabet over user, name, email and up to two groups.
    let texts = ["", "a", ",", "aa", "a,", ",a", "\0", "a\0a"]
    let groups: [[String]] = [[], [""], ["", ""], ["a"], ["a", ""], ["", "a"], ["a,a"], ["a", "a"], ["a", ",a"], ["a,", "a"]]
    var seen: [[UInt8]: SessionContent] = [:]
    var count = 0
    for user in texts {
      for name in texts {
        for email in texts {
          for groups in groups {
            let content = SessionContent.sample(user: user, name: name, email: email, groups: groups)
            let other = seen.updateValue(content, forKey: content.encoded())
            #expect(other == nil)
            count += 1
          }
        }
      }
    }
    #expect(seen.count == count)
  }

  @Test("every field is part of the encoding")
  func everyField() {
    let base = SessionContent.sample()
    var others = [base]
    var other = base
    other.id = SessionID(high: 1, low: 3)
    others.append(other)
    other.id = SessionID(high: 2, low: 2)
    others.append(other)
    others.append(.sample(stamp: [UInt8](repeating: 8, count: 16)))
    others.append(.sample(authenticatedAt: 1))
    others.append(.sample(lastActivity: 1))
    others.append(.sample(notAfter: 1))
    others.append(.sample(user: "anb"))
    others.append(.sample(name: ""))
    others.append(.sample(email: ""))
    others.append(.sample(groups: ["admin", "physio"]))
    #expect(Set(others.map { $0.encoded() }).count == others.count)
  }

  @Test("a cut encoding is no content, nor is one with a byte more")
  func strict() {
    let encoded = SessionContent.sample().encoded()
    for count in encoded.indices { #expect(SessionContent(encoded: Array(encoded.prefix(count))) == nil) }
    #expect(SessionContent(encoded: encoded + [0]) == nil)
  }

  @Test("a content without a user, or with a stamp of another length, is none")
  func incomplete() {
    #expect(SessionContent(encoded: SessionContent.sample(user: "").encoded()) == nil)
    #expect(SessionContent(encoded: SessionContent.sample(stamp: [1]).encoded()) == nil)
  }
}
