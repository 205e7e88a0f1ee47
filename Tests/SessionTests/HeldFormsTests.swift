import Dispatch
import Synchronization
import Testing

@testable import Session

@Suite struct HeldFormsTests {
  private let owner = HeldFormOwner(site: "a.test", key: "ann")

  @Test("a place that nothing was put into is free again when it is let go of")
  func room() throws {
    let forms = HeldForms(limit: 100)
    do {
      let room = try #require(forms.room(for: owner, count: 80))
      #expect(forms.usage.bytes == 80 && room.displaced == 0 && forms.room(for: owner, count: 80) == nil)
    }
    #expect(forms.usage.bytes == 0)
    let room = try #require(forms.room(for: owner, count: 80))
    forms.hold([1, 2, 3], id: [7], in: room, user: "ann", now: 10)
    forms.hold([1, 2, 3], id: [8], in: room, user: "ann", now: 10)
    #expect(forms.usage == (1, 3), "a place takes one form")
  }

  @Test("of many threads that take a form at the same time one gets it")
  func once() throws {
    let forms = HeldForms(limit: 100)
    forms.hold([1], id: [7], in: try #require(forms.room(for: owner, count: 1)), user: "ann", now: 10)
    let taken = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 64) { _ in if forms.take([7], now: 10) { taken.add(1, ordering: .relaxed) } }
    #expect(taken.load(ordering: .relaxed) == 1)
    forms.wasSent([7])
    #expect(forms.look([7], now: 10) == .gone(.sent))
  }

  @Test("who lost a form is told, once")
  func lost() throws {
    let forms = HeldForms(limit: 100)
    forms.hold([1], id: [7], in: try #require(forms.room(for: owner, count: 1)), user: "Ann", now: 10)
    #expect(forms.destroy([7], .otherUser) == HeldForms.Lost(site: "a.test", user: "Ann"))
    #expect(forms.destroy([7], .otherUser) == nil && forms.destroyAll(of: owner, .loggedOut) == [])
    #expect(forms.expire(now: 100_000) == [])
  }
}
