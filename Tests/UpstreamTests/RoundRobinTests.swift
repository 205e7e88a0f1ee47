import Testing

@testable import Upstream

@Suite struct RoundRobinTests {
  @Test("servers that are up take turns")
  func turns() {
    var turns = RoundRobin()
    #expect((0..<7).map { _ in turns.pick(count: 3) { _ in true } } == [0, 1, 2, 0, 1, 2, 0])
  }

  @Test("one that is down is passed over, and its turn goes to the next")
  func down() {
    var turns = RoundRobin()
    #expect((0..<5).map { _ in turns.pick(count: 3) { $0 != 1 } } == [0, 2, 0, 2, 0])
  }

  @Test("the one that was tried already is not picked again", arguments: 0..<3)
  func excluded(index: Int) {
    var turns = RoundRobin()
    for _ in 0..<6 { #expect(turns.pick(count: 3, excluding: index) { _ in true } != index) }
  }

  @Test("if none is up, each is tried in its turn")
  func noneUp() {
    var turns = RoundRobin()
    #expect((0..<4).map { _ in turns.pick(count: 3) { _ in false } } == [0, 1, 2, 0])
    #expect(turns.pick(count: 3, excluding: 1) { _ in false } == 2)
  }

  @Test("where there is no other server, there is none to try")
  func noOther() {
    var turns = RoundRobin()
    #expect(turns.pick(count: 1, excluding: 0) { _ in true } == nil)
    #expect(turns.pick(count: 0) { _ in true } == nil)
    #expect(turns.pick(count: 1) { _ in true } == 0)
  }
}
