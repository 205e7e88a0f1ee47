import Testing

@testable import EventLoop

@Suite struct TimerQueueTests {
  @Test("entries come up in the order of their due times, whatever order they went in")
  func order() {
    let queue = TimerQueue()
    var state: UInt64 = 7
    var dues: [Int64] = []
    for slot in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let due = Int64(state >> 54)
      dues.append(due)
      queue.insert(.init(due: due, token: .init(slot: UInt32(slot), generation: 0)))
    }
    var out: [Int64] = []
    while let entry = queue.popDue(.max) { out.append(entry.due) }
    #expect(out == dues.sorted())
    #expect(queue.count == 0)
  }

  @Test("nothing comes up before it is due")
  func notEarly() {
    let queue = TimerQueue()
    queue.insert(.init(due: 10, token: .init(slot: 0, generation: 0)))
    #expect(queue.popDue(9)?.due == nil)
    #expect(queue.earliest == 10)
    #expect(queue.popDue(10)?.due == 10)
    #expect(queue.popDue(10)?.due == nil)
  }
}
