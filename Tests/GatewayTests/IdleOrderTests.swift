import Testing

@testable import EventLoop
@testable import Gateway

@Suite struct IdleOrderTests {
  private func token(_ slot: UInt32, _ generation: UInt32 = 0) -> Pollable.Token { Pollable.Token(slot: slot, generation: generation) }

  @Test("the one that joined first is the oldest, and the next one after it has left")
  func order() {
    let order = IdleOrder(queues: 1)
    #expect(order.oldest(in: 0) == nil)
    #expect(order.append(token(5), to: 0, since: 10) == true)
    #expect(order.append(token(2), to: 0, since: 20) == false)
    #expect(order.append(token(9), to: 0, since: 30) == false)
    #expect(order.oldest(in: 0)?.token == token(5))
    #expect(order.remove(token(5), from: 0) == true)
    #expect(order.oldest(in: 0)?.token == token(2))
    #expect(order.oldest(in: 0)?.since == 20)
  }

  @Test("leaving from the middle or the end does not change who is oldest")
  func middle() {
    let order = IdleOrder(queues: 1)
    for slot in 0..<4 { _ = order.append(token(UInt32(slot)), to: 0, since: Int64(slot)) }
    #expect(order.remove(token(1), from: 0) == false)
    #expect(order.remove(token(3), from: 0) == false)
    #expect(order.append(token(1), to: 0, since: 9) == false)
    var left: [UInt32] = []
    while let oldest = order.oldest(in: 0) {
      left.append(oldest.token.slot)
      #expect(order.remove(oldest.token, from: 0) == true)
    }
    #expect(left == [0, 2, 1])
  }

  @Test("one that has gone, or stands for another by now, is not in the queue")
  func stale() {
    let order = IdleOrder(queues: 1)
    #expect(order.remove(token(3), from: 0) == false)
    _ = order.append(token(3, 1), to: 0, since: 1)
    #expect(order.remove(token(3, 0), from: 0) == false)
    #expect(order.oldest(in: 0)?.token == token(3, 1))
    #expect(order.remove(token(3, 1), from: 0) == true)
    #expect(order.remove(token(3, 1), from: 0) == false)
  }

  @Test("queues do not know of each other")
  func queues() {
    let order = IdleOrder(queues: 2)
    #expect(order.append(token(1), to: 0, since: 1) == true)
    #expect(order.append(token(2), to: 1, since: 2) == true)
    #expect(order.remove(token(1), from: 0) == true)
    #expect(order.oldest(in: 0) == nil)
    #expect(order.oldest(in: 1)?.token == token(2))
  }

  @Test("ten thousand comings and goings keep the order of a plain list")
  func model() {
    let order = IdleOrder(queues: 1)
    var model: [UInt32] = []
    var state: UInt64 = 1
    for time in 0..<10_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let slot = UInt32(state >> 33) % 50
      if let place = model.firstIndex(of: slot) {
        model.remove(at: place)
        #expect(order.remove(token(slot), from: 0) == (place == 0))
      } else {
        model.append(slot)
        #expect(order.append(token(slot), to: 0, since: Int64(time)) == (model.count == 1))
      }
      #expect(order.oldest(in: 0)?.token.slot == model.first)
    }
  }

  @Test("a queue that is not there yet is empty, and has room once there is one")
  func growth() {
    let order = IdleOrder(queues: 0)
    #expect(order.oldest(in: 5) == nil)
    order.grow(queues: 6)
    #expect(order.append(Pollable.Token(slot: 1, generation: 0), to: 5, since: 9))
    #expect(order.oldest(in: 5)?.since == 9)
  }
}
