import Testing

@testable import Session

@Suite struct RevocationsTests {
  func id(_ n: Int) -> SessionID { SessionID(high: 0, low: UInt64(n)) }

  @Test("every view tells of a revocation as soon as it is made, and of no other session")
  func seen() {
    let revocations = Revocations()
    let (one, two) = (RevocationView(revocations), RevocationView(revocations))
    #expect(!one.contains(id(1), now: 100))
    #expect(revocations.insert(Revocation(id: id(1), until: 200), now: 100))
    #expect(one.contains(id(1), now: 100))
    #expect(!one.contains(id(2), now: 100))
    #expect(revocations.insert(Revocation(id: id(2), until: 200), now: 100))
    for view in [one, two, RevocationView(revocations)] {
      #expect(view.contains(id(1), now: 100))
      #expect(view.contains(id(2), now: 100))
    }
  }

  @Test("a revocation lasts until the session would have ended; a second one never shortens it")
  func expiry() {
    let revocations = Revocations()
    let view = RevocationView(revocations)
    _ = revocations.insert(Revocation(id: id(1), until: 200), now: 100)
    _ = revocations.insert(Revocation(id: id(1), until: 150), now: 100)
    #expect(view.contains(id(1), now: 199))
    #expect(!view.contains(id(1), now: 200))
    #expect(revocations.current(now: 199) == [Revocation(id: id(1), until: 200)])
    #expect(revocations.current(now: 200).isEmpty)
  }

  @Test("when they are as many as may be, a further one is refused and none is forgotten")
  func full() {
    let revocations = Revocations(limit: 10)
    let view = RevocationView(revocations)
    for n in 0..<10 { #expect(revocations.insert(Revocation(id: id(n), until: 200), now: 100)) }
    #expect(!revocations.insert(Revocation(id: id(10), until: 200), now: 199))
    for n in 0..<10 { #expect(view.contains(id(n), now: 199)) }
    #expect(revocations.insert(Revocation(id: id(10), until: 300), now: 200), "expired ones make room")
    #expect(view.contains(id(10), now: 200))
  }

  @Test("memory is bounded by those in force, and views follow a purge")
  func purge() {
    let revocations = Revocations()
    let early = RevocationView(revocations)
    for n in 0..<20_000 {
      let now = Int64(n)
      #expect(revocations.insert(Revocation(id: id(n), until: now + 100), now: now))
      if n % 97 == 0 { #expect(early.contains(id(n), now: now)) }
    }
    let held = revocations.news(epoch: .max, count: 0).entries.count
    #expect(held <= 2048)
    #expect(!early.contains(id(0), now: 19_999))
    #expect(early.count <= 2048)
    for view in [early, RevocationView(revocations)] {
      for n in 19_900..<20_000 { #expect(view.contains(id(n), now: 19_999) == (n > 19_899)) }
      #expect(!view.contains(id(1), now: 19_999))
    }
  }

  @Test("views on other threads know of a revocation once its insertion has returned, while others are made")
  func concurrent() async {
    let revocations = Revocations()
    await withTaskGroup(of: Bool.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let view = RevocationView(revocations)
          var missed = false
          for n in 0..<3_000 {
            let id = SessionID(high: UInt64(writer), low: UInt64(n))
            // Short-lived ones make purges happen meanwhile; how far the others have come with their clock must not end this one.
            _ = revocations.insert(Revocation(id: SessionID(high: 9, low: UInt64(n)), until: Int64(n) + 50), now: Int64(n))
            _ = revocations.insert(Revocation(id: id, until: 1 << 40), now: Int64(n))
            if !view.contains(id, now: Int64(n)) { missed = true }
          }
          return missed
        }
      }
      for await missed in group { #expect(!missed) }
    }
  }
}
