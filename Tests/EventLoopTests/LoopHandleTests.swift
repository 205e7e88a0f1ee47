import Synchronization
import Testing

@testable import EventLoop

@Suite struct LoopHandleTests {
  @Test("what several threads post arrives whole, and in each one's order")
  func order() async throws {
    let loop = try LoopThread(name: "order") { _ in }
    let seen = Collected()
    await withTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask { for number in 0..<500 { loop.handle.post { _ in seen.values.withLock { $0.append((sender, number)) } } } }
      }
    }
    await withCheckedContinuation { continuation in loop.handle.post { _ in continuation.resume() } }
    loop.stop()
    loop.join()
    let values = seen.values.withLock { $0 }
    #expect(values.count == 2000)
    for sender in 0..<4 { #expect(values.filter { $0.0 == sender }.map(\.1) == Array(0..<500)) }
  }

  private final class Collected: Sendable {
    let values = Mutex<[(Int, Int)]>([])
  }

  @Test("a call that posts another one is followed by it, after what was posted before")
  func nested() async throws {
    let loop = try LoopThread(name: "nested") { _ in }
    let seen = Collected()
    let handle = loop.handle
    await withCheckedContinuation { continuation in
      handle.post { _ in
        seen.values.withLock { $0.append((0, 0)) }
        handle.post { _ in
          seen.values.withLock { $0.append((0, 2)) }
          continuation.resume()
        }
        seen.values.withLock { $0.append((0, 1)) }
      }
    }
    loop.stop()
    loop.join()
    #expect(seen.values.withLock { $0.map(\.1) } == [0, 1, 2])
  }

  @Test("a loop that is about to sleep is told of what came in meanwhile")
  func noLostWakeUp() throws {
    let handle = try LoopHandle()
    #expect(handle.prepareToSleep())
    handle.wokeUp()
    handle.post { _ in }
    #expect(!handle.prepareToSleep())
    var messages: [LoopHandle.Message] = []
    handle.takeAll(&messages)
    #expect(messages.count == 1)
    #expect(handle.prepareToSleep())
  }

  @Test("what is posted after the end is never run and does no harm")
  func afterEnd() throws {
    let loop = try LoopThread(name: "end") { _ in }
    loop.stop()
    loop.join()
    let seen = Collected()
    loop.handle.post { _ in seen.values.withLock { $0.append((0, 0)) } }
    #expect(seen.values.withLock { $0.isEmpty })
  }

  @Test("what a call holds is let go when the loop has ended before it, or ends without getting to it")
  func letGo() throws {
    let loop = try LoopThread(name: "let-go") { _ in }
    let handle = loop.handle
    let seen = Collected()
    handle.post { loop in
      loop.stop()
      // Comes after the round that is the last one.
      let held = Held(seen)
      handle.post { _ in _ = held.seen.values.withLock { $0.count } }
    }
    loop.join()
    #expect(seen.values.withLock { $0.count } == 1)
    do {
      let late = Held(seen)
      handle.post { _ in _ = late.seen }
    }
    #expect(seen.values.withLock { $0.count } == 2)
  }

  private final class Held: Sendable {
    let seen: Collected
    init(_ seen: Collected) { self.seen = seen }
    deinit { seen.values.withLock { $0.append((1, 1)) } }
  }
}
