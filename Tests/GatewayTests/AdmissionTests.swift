import Testing

@testable import Gateway

@Suite struct AdmissionTests {
  private func admission(_ limit: Int = 4, listeners: [Int?] = [nil, 2], loops: Int = 2) -> Admission {
    Admission(limit: limit, listeners: listeners, perAddress: nil, loops: loops)
  }

  @Test("the common limit holds for all listeners together")
  func all() {
    let admission = admission(3, listeners: [nil, nil])
    for listener in [0, 1, 0] { #expect(admission.enter(listener: listener) == nil) }
    #expect(admission.enter(listener: 1) === admission.all)
    admission.leave(listener: 0)
    #expect(admission.enter(listener: 1) == nil)
  }

  @Test("a listener's own limit holds for it alone, and takes no place of the common one when it is reached")
  func own() {
    let admission = admission()
    #expect(admission.enter(listener: 1) == nil)
    #expect(admission.enter(listener: 1) == nil)
    #expect(admission.enter(listener: 1) === admission.listeners[1])
    #expect(admission.all.count == 2)
    #expect(admission.enter(listener: 0) == nil)
  }

  @Test("where the common limit is reached no place of the listener's is taken")
  func both() {
    let admission = admission(1)
    #expect(admission.enter(listener: 0) == nil)
    #expect(admission.enter(listener: 1) === admission.all)
    #expect(admission.listeners[1]?.count == 0)
  }

  @Test("the oldest idle connection is found among all loops, or among those of the listener that is full")
  func oldest() throws {
    let admission = admission()
    #expect(admission.oldest(for: admission.all) == nil)
    let clocks = (0..<2).map { admission.clocks(loop: $0) }
    clocks[0][0].oldest.store(50, ordering: .relaxed)
    clocks[1][0].oldest.store(40, ordering: .relaxed)
    clocks[0][1].oldest.store(60, ordering: .relaxed)
    clocks[1][1].oldest.store(70, ordering: .relaxed)
    let found = try #require(admission.oldest(for: admission.all))
    #expect(found == (1, 0))
    let gate = try #require(admission.listeners[1])
    let own = try #require(admission.oldest(for: gate))
    #expect(own == (0, 1))
  }

  @Test("places are scarce when every loop might be holding one that it does not need")
  func tight() {
    let admission = admission(4, listeners: [nil, 3])
    #expect(!admission.isTight(listener: 0))
    #expect(admission.enter(listener: 1) == nil)
    #expect(!admission.isTight(listener: 0))
    #expect(admission.isTight(listener: 1))
    #expect(admission.enter(listener: 0) == nil)
    #expect(admission.isTight(listener: 0))
  }
}
