import Testing

@testable import Session

@Suite struct OpenedSessionTests {
  let revocations = Revocations()
  let content = SessionContent.sample()

  @Test("the account is looked up once for each version, and again after one that did not fit")
  func accounts() {
    let session = OpenedSession(content)
    let view = RevocationView(revocations)
    var asked: [String] = []
    func stands(_ version: UInt64, _ stamp: [UInt8]?) -> Bool {
      session.stands(view, accounts: version, now: 0) {
        asked.append($0.user)
        return stamp
      }
    }
    #expect(stands(1, content.stamp) && stands(1, nil) && stands(1, [1]))
    #expect(asked == ["ana"])
    #expect(!stands(2, nil) && !stands(2, [1]) && stands(2, content.stamp) && stands(2, nil))
    #expect(asked.count == 4)
    #expect(!stands(1, nil), "an older version is another one")
  }

  @Test("a revocation counts from the next question on, also where others came before it and are dropped")
  func revoked() {
    let view = RevocationView(revocations)
    let session = OpenedSession(content)
    func stands(_ now: Int64) -> Bool { session.stands(view, accounts: 1, now: now) { _ in content.stamp } }
    #expect(stands(0))
    #expect(revocations.insert(Revocation(id: SessionID(high: 5, low: 5), until: 50), now: 0))
    #expect(stands(0))
    #expect(revocations.insert(Revocation(id: content.id, until: 60), now: 0))
    #expect(!stands(0) && !stands(59) && stands(60) && !stands(59))
  }

  @Test("it keeps what its cookie says, and the lines made of it")
  func contents() {
    let session = OpenedSession(content, identityLines: [1, 2])
    #expect(session.content == content && session.times == content.times && session.id == content.id && session.user == "ana")
    #expect(session.identityLines == [1, 2])
  }
}
