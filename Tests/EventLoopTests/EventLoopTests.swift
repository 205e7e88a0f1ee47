import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// Accepts on loopback and hands each connection to `body`, on the loop's thread.
final class Acceptor: Pollable {
  let descriptor: Int32
  let body: (Int32) -> Void

  init(_ descriptor: Int32, _ body: @escaping (Int32) -> Void) {
    self.descriptor = descriptor
    self.body = body
  }

  override func ready(_ readiness: Readiness) {
    while case .success(let (accepted, _)) = System.accept(descriptor) { body(accepted) }
  }
}

/// Shared by several threads.
final class Count: Sendable {
  let value = Atomic<Int>(0)
}

/// Sends back what it reads, once, in upper case of the first byte.
final class Echo: Pollable {
  let descriptor: Int32
  unowned let loop: EventLoop

  init(_ descriptor: Int32, _ loop: EventLoop) {
    self.descriptor = descriptor
    self.loop = loop
  }

  override func ready(_ readiness: Readiness) {
    var bytes = [UInt8](repeating: 0, count: 64)
    while true {
      switch System.receive(descriptor, into: &bytes, from: 0) {
      case .moved(let count): _ = System.send(descriptor, bytes, 0..<count)
      case .wouldBlock: return
      case .end, .failed:
        loop.remove(self)
        System.close(descriptor)
        return
      }
    }
  }
}

final class Alarm: Pollable {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  override func deadlineReached() { body() }
}

@Suite struct EventLoopTests {
  @Test("a posted call runs on the loop's thread and answers")
  func post() async throws {
    let thread = try LoopThread(name: "test") { _ in }
    let value = await withCheckedContinuation { continuation in
      thread.handle.post { _ in continuation.resume(returning: 42) }
    }
    #expect(value == 42)
    thread.stop()
    thread.join()
  }

  @Test("async code that prefers the loop runs on its thread, also after it has waited")
  func executor() async throws {
    let thread = try LoopThread(name: "executor") { _ in }
    let pool = try BlockingPool(name: "pool", threads: 1, limit: 4)
    let loopID = await withCheckedContinuation { continuation in
      thread.handle.post { _ in continuation.resume(returning: pthread_self()) }
    }
    let task = Task(executorPreference: thread.handle) {
      let before = pthread_self()
      let within = try await pool.run { pthread_self() }
      return (before, within, pthread_self())
    }
    let (before, within, after) = try await task.value
    #expect(before == loopID && after == loopID && within != loopID)
    pool.finish()
    thread.stop()
    thread.join()
  }

  @Test("a connection is accepted, read and written, and its end is seen")
  func sockets() async throws {
    let thread = try LoopThread(name: "sockets") { _ in }
    let port = await withCheckedContinuation { continuation in
      thread.handle.post { loop in
        guard let any = SocketAddress("127.0.0.1", port: 0), let listener = try? System.listen(on: any, backlog: 8) else {
          continuation.resume(returning: UInt16(0))
          return
        }
        let acceptor = Acceptor(listener) { accepted in try? loop.add(Echo(accepted, loop), descriptor: accepted) }
        try? loop.add(acceptor, descriptor: listener)
        continuation.resume(returning: System.localAddress(listener)?.port ?? 0)
      }
    }
    let address = try #require(SocketAddress("127.0.0.1", port: port))
    let client = try System.connect(to: address)
    let flags = fcntl(client, F_GETFL)
    _ = fcntl(client, F_SETFL, flags & ~O_NONBLOCK)
    #expect(System.send(client, [1, 2, 3], 0..<3) == .moved(3))
    var back = [UInt8](repeating: 0, count: 8)
    #expect(System.receive(client, into: &back, from: 0) == .moved(3))
    #expect(back.prefix(3) == [1, 2, 3])
    #expect(System.send(client, [9, 8], 1..<2, [7, 6, 5], 0..<3) == .moved(4))
    #expect(System.receive(client, into: &back, from: 4) == .moved(4))
    #expect(back == [1, 2, 3, 0, 8, 7, 6, 5])
    System.close(client)
    thread.stop()
    thread.join()
  }

  @Test(
    "a socket that loops share wakes one that sleeps; a loop that has let go of it is not woken in place of the others, though it is still open"
  )
  func shared() throws {
    let listener = try ListeningSocket(on: try #require(SocketAddress("127.0.0.1", port: 0)), backlog: 64)
    let threads = try (0..<3).map { try LoopThread(name: "shared-\($0)") { _ in } }
    let accepted = try Answers<Bool>(count: 40)
    let taken = Count()
    let watching = try Answers<Bool>(count: 3)
    for (index, thread) in threads.enumerated() {
      thread.handle.post { loop in
        let acceptor = Acceptor(listener.descriptor) { descriptor in
          System.close(descriptor)
          accepted.put(index == 0, from: taken.value.add(1, ordering: .relaxed).oldValue)
        }
        #expect(throws: Never.self) {
          try loop.add(acceptor)
          try loop.watch(listener.descriptor, for: acceptor, isShared: true)
        }
        // Two of the three: all that comes is the third one's.
        if index > 0 { loop.unwatch(listener.descriptor) }
        watching.put(true, from: index)
      }
    }
    #expect(watching.wait(milliseconds: 5000).allSatisfy { $0 != nil })
    for _ in 0..<40 { System.close(try System.connect(to: listener.address)) }
    #expect(accepted.wait(milliseconds: 10_000).allSatisfy { $0 == true })
    for thread in threads {
      thread.stop()
      thread.join()
    }
  }

  @Test("a deadline that was moved later fires once, at the later time; one set to never does not fire")
  func deadlines() async throws {
    let thread = try LoopThread(name: "timers") { _ in }
    let fired: (Int64, Bool) = await withCheckedContinuation { continuation in
      thread.handle.post { loop in
        let start = loop.now
        let never = Alarm {}
        let flag = Flag()
        let cancelled = Alarm { flag.isSet = true }
        let moved = Alarm { continuation.resume(returning: (loop.now - start, flag.isSet)) }
        for alarm in [never, cancelled, moved] { try? loop.add(alarm) }
        loop.setDeadline(moved, at: start + 5)
        loop.setDeadline(cancelled, at: start + 6)
        loop.setDeadline(cancelled, at: .max)
        loop.setDeadline(moved, at: start + 40)
      }
    }
    #expect(fired.0 >= 40)
    #expect(!fired.1)
    thread.stop()
    thread.join()
  }

  @Test("a token of a slot that was given away names nothing")
  func staleToken() async throws {
    let thread = try LoopThread(name: "tokens") { _ in }
    let (stale, reused, found) = await withCheckedContinuation { continuation in
      thread.handle.post { loop in
        let first = Alarm {}
        let second = Alarm {}
        try? loop.add(first)
        guard let token = first.token else { return continuation.resume(returning: (true, false, false)) }
        loop.remove(first)
        try? loop.add(second)
        let reused = second.token?.slot == token.slot
        continuation.resume(returning: (loop.pollable(token) != nil, reused, second.token.flatMap(loop.pollable) === second))
      }
    }
    #expect(!stale && reused && found)
    thread.stop()
    thread.join()
  }
}

final class Flag {
  var isSet = false
}
