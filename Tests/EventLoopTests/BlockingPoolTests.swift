import CLinux
import Dispatch
import Synchronization
import Testing

@testable import EventLoop

@Suite struct BlockingPoolTests {
  @Test("work beyond the queue's limit is refused, and what was accepted is finished")
  func bounded() async throws {
    let pool = try BlockingPool(name: "pool", threads: 1, limit: 2)
    let gate = anteroom_eventfd(1)
    let done = Atomic<Int>(0)
    let entered = Atomic<Bool>(false)
    #expect(
      pool.offer {
        entered.store(true, ordering: .sequentiallyConsistent)
        var value: eventfd_t = 0
        _ = eventfd_read(gate, &value)
        done.add(1, ordering: .sequentiallyConsistent)
      })
    while !entered.load(ordering: .sequentiallyConsistent) { await Task.yield() }
    #expect(pool.offer { done.add(1, ordering: .sequentiallyConsistent) })
    #expect(pool.offer { done.add(1, ordering: .sequentiallyConsistent) })
    #expect(!pool.offer { done.add(100, ordering: .sequentiallyConsistent) })
    _ = eventfd_write(gate, 1)
    pool.finish()
    #expect(done.load(ordering: .sequentiallyConsistent) == 3)
    #expect(!pool.offer {}, "a finished pool takes nothing")
  }

  @Test("another bound holds for what comes, and what waits already stays")
  func otherLimit() throws {
    let pool = try BlockingPool(name: "bound", threads: 1, limit: 1)
    let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    #expect(
      pool.offer {
        entered.signal()
        gate.wait()
      })
    entered.wait()
    #expect(pool.offer {} && !pool.offer {})
    pool.setLimit(2)
    #expect(pool.limit == 2 && pool.waiting == 1)
    #expect(pool.offer {} && !pool.offer {})
    gate.signal()
    pool.finish()
  }

  @Test("an end is not held up by work that takes too long, and waits for what does not")
  func patience() throws {
    let pool = try BlockingPool(name: "slow", threads: 2, limit: 8)
    let (entered, gate, left) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    #expect(
      pool.offer {
        entered.signal()
        gate.wait()
        left.signal()
      })
    entered.wait()
    let done = Atomic<Int>(0)
    for _ in 0..<3 { #expect(pool.offer { done.add(1, ordering: .sequentiallyConsistent) }) }
    #expect(!pool.finish(within: 50))
    #expect(done.load(ordering: .sequentiallyConsistent) == 3 && !pool.offer {})
    gate.signal()
    left.wait()
    let quick = try BlockingPool(name: "quick", threads: 2, limit: 8)
    #expect(quick.offer { done.add(1, ordering: .sequentiallyConsistent) })
    #expect(quick.finish(within: 60_000) && done.load(ordering: .sequentiallyConsistent) == 4)
  }
}
