import Testing

@testable import Gateway

@Suite struct GateTests {
  @Test("as many enter as there are places, and one more for each that leaves")
  func places() {
    let gate = Gate(limit: 2)
    #expect(gate.enter() && gate.enter())
    #expect(!gate.enter())
    #expect(gate.count == 2)
    #expect(gate.leave() == nil)
    #expect(gate.enter())
    #expect(!gate.enter())
  }

  @Test("whoever has waited longest is told of a free place, once")
  func order() {
    let gate = Gate(limit: 1)
    #expect(gate.enter())
    #expect(gate.wait(7) && gate.wait(3) && gate.wait(7))
    #expect(gate.leave() == 7)
    #expect(gate.enter())
    #expect(gate.leave() == 3)
    #expect(!gate.hasWaiting)
    #expect(gate.enter())
    #expect(gate.leave() == nil)
  }

  @Test("nobody queues up while there is a place")
  func free() {
    let gate = Gate(limit: 1)
    #expect(!gate.wait(1))
    #expect(!gate.hasWaiting)
  }

  @Test("who leaves the queue is not told")
  func cancelled() {
    let gate = Gate(limit: 1)
    #expect(gate.enter())
    #expect(gate.wait(1) && gate.wait(2))
    gate.cancel(1)
    #expect(gate.leave() == 2)
  }

  @Test("a place that was not needed is passed on, but not when there is none")
  func passedOn() {
    let gate = Gate(limit: 1)
    #expect(gate.enter())
    #expect(gate.wait(1) && gate.wait(2))
    #expect(gate.passOn() == nil)
    #expect(gate.leave() == 1)
    #expect(gate.passOn() == 2)
    #expect(gate.passOn() == nil)
  }

  @Test("many threads at once never get more places than there are, and no wake-up is lost")
  func threads() async {
    let gate = Gate(limit: 3)
    await withTaskGroup(of: Int.self) { group in
      for number in 0..<4 {
        group.addTask {
          var most = 0
          for _ in 0..<20_000 {
            if gate.enter() {
              most = max(most, gate.count)
              _ = gate.leave()
            } else if gate.wait(number) {
              gate.cancel(number)
            }
          }
          return most
        }
      }
      for await most in group { #expect(most <= 3) }
    }
    #expect(gate.count == 0)
    #expect(!gate.hasWaiting)
  }

  @Test("another limit holds at once; those who are in stay, and one who waits is told of the room")
  func otherLimit() {
    let gate = Gate(limit: 1)
    #expect(gate.enter() && !gate.enter())
    #expect(gate.wait(7))
    gate.setLimit(2)
    #expect(gate.passOn() == 7 && gate.enter())
    gate.setLimit(1)
    #expect(gate.count == 2 && gate.isFull)
    _ = gate.leave()
    #expect(!gate.enter())
  }
}
