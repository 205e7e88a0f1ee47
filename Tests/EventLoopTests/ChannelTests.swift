import Dispatch
import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// Notes what the kernel says, and does nothing about it.
private final class Ear: Channel {
  override func ready(_ readiness: Readiness) { note(readiness) }
}

/// A channel on a loop of its own and the other end of it, a blocking socket.
private final class Line {
  private let thread: LoopThread
  private(set) var far: Int32

  /// `isNarrow`: the channel's socket takes as little as can be.
  init(inputBytes: Int = 16, isNarrow: Bool = false) throws {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw SystemError("socketpair", errno) }
    let near = pair[0]
    far = pair[1]
    _ = fcntl(near, F_SETFL, O_NONBLOCK)
    if isNarrow {
      var count: Int32 = 1
      setsockopt(near, SOL_SOCKET, SO_SNDBUF, &count, socklen_t(MemoryLayout<Int32>.size))
    }
    thread = try LoopThread(name: "line", inputBytes: inputBytes) { loop in
      let ear = Ear(descriptor: near, loop: loop)
      try? loop.add(ear, descriptor: near)
      loop.context = ear
    }
  }

  deinit {
    thread.handle.post { loop in
      (loop.context as? Ear)?.close()
      loop.stop()
    }
    thread.join()
    closeFar()
  }

  func closeFar() {
    if far >= 0 { System.close(far) }
    far = -1
  }

  func send(_ count: Int) { #expect(System.send(far, [UInt8](repeating: 7, count: count), 0..<count) == .moved(count)) }

  func receive(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var next = 0
    while next < count, case .moved(let moved) = System.receive(far, into: &bytes, from: next) { next += moved }
    return Array(bytes[..<next])
  }

  private final class Result<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  @discardableResult
  func onLoop<Value: Sendable>(_ look: @escaping @Sendable (Channel) -> Value) throws -> Value {
    let result = Result<Value>()
    thread.handle.post { loop in
      result.value.withLock { $0 = (loop.context as? Ear).map(look) }
      result.isThere.signal()
    }
    _ = result.isThere.wait(timeout: .now() + 10)
    return try #require(result.value.withLock { $0 })
  }

  func until(_ holds: @escaping @Sendable (Channel) -> Bool) throws {
    let limit = System.monotonicMilliseconds() + 10_000
    while try !onLoop(holds) { try #require(System.monotonicMilliseconds() < limit) }
  }
}

@Suite struct ChannelTests {
  @Test("what was received stays until it is consumed, and room is made by moving it to the front")
  func input() throws {
    let line = try Line(inputBytes: 8)
    line.send(12)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(try line.onLoop { $0.fill() } == .full)
    #expect(try line.onLoop { $0.input.isFull && $0.input.range == 0..<8 })
    try line.onLoop { $0.consumeInput(6) }
    #expect(try line.onLoop { $0.input.range } == 6..<8)
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(try line.onLoop { $0.input.range } == 0..<6)
    #expect(try line.onLoop { $0.bytesIn } == 12)
  }

  @Test("a socket that was drained is not read again before the kernel says so")
  func drained() throws {
    let line = try Line(inputBytes: 8)
    line.send(3)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(try line.onLoop { !$0.canRead && $0.fill() == .wouldBlock })
    line.send(2)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(try line.onLoop { $0.input.count } == 5)
  }

  @Test("an empty input buffer goes back to the loop, one with data stays")
  func release() throws {
    let line = try Line(inputBytes: 8)
    line.send(3)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(
      try line.onLoop { channel in
        channel.releaseInputIfEmpty()
        return channel.input.count
      } == 3)
    #expect(
      try line.onLoop { channel in
        channel.consumeInput(3)
        channel.releaseInputIfEmpty()
        return channel.input.bytes.isEmpty
      })
  }

  @Test("an end that came together with the last bytes is seen after them")
  func end() throws {
    let line = try Line()
    line.send(3)
    line.closeFar()
    try line.until(\.canRead)
    #expect(
      try line.onLoop { channel in
        var fills = 0
        while case .received = channel.fill() { fills += 1 }
        return fills == 1 && channel.sawEnd && channel.failure == 0 && channel.input.count == 3
      })
    #expect(try line.onLoop { $0.fill() } == .ended)
  }

  @Test("what the kernel does not take waits, in its order, and is counted when it is gone")
  func backlog() throws {
    let line = try Line(isNarrow: true)
    let first = [UInt8](repeating: 1, count: 100_000)
    try line.onLoop { channel in
      channel.appendOutput(first)
    }
    #expect(try line.onLoop { !$0.flush() && !$0.canWrite })
    let left = try line.onLoop { $0.backlog }
    #expect(left > 0 && left < 100_000)
    #expect(try line.onLoop { $0.bytesOut } == Int64(100_000 - left))
    #expect(try line.onLoop { $0.send([2, 2, 2], 0..<3) } == 0, "nothing overtakes what waits")
    var received: [UInt8] = []
    while received.count < 100_000 {
      received += line.receive(try line.onLoop { Int($0.bytesOut) } - received.count)
      try line.onLoop { _ = $0.flush() }
    }
    try line.until(\.canWrite)
    #expect(try line.onLoop { $0.backlog } == 0)
    #expect(received == first)
    #expect(try line.onLoop { $0.send([2, 3, 4], 1..<3) } == 2)
    #expect(line.receive(2) == [3, 4])
    #expect(try line.onLoop { $0.bytesOut } == 100_002)
  }

  @Test("what waits and what follows go out as one, each byte once")
  func together() throws {
    let line = try Line()
    #expect(
      try line.onLoop { channel in
        channel.appendOutput([1, 2])
        return channel.send([0, 3, 4, 0], 1..<3) == 2 && channel.backlog == 0
      })
    #expect(line.receive(4) == [1, 2, 3, 4])
    #expect(try line.onLoop { $0.bytesOut } == 4)
  }

  @Test("writing to somebody who is gone is a failure, and nothing is written after it")
  func failure() throws {
    let line = try Line()
    line.closeFar()
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.send([1], 0..<1) } == 0)
    #expect(try line.onLoop { $0.failure } == EPIPE)
    #expect(try line.onLoop { $0.fill() } == .ended)
  }

  @Test("a closed channel takes and gives nothing, and may be closed again")
  func close() throws {
    let line = try Line()
    line.send(3)
    try line.until(\.canRead)
    #expect(
      try line.onLoop { channel in
        _ = channel.fill()
        channel.appendOutput([1])
        channel.close()
        channel.close()
        return channel.isClosed && channel.input.isEmpty && channel.backlog == 0 && channel.token == nil
      })
    #expect(try line.onLoop { $0.fill() } == .ended)
    #expect(try line.onLoop { $0.send([1], 0..<1) } == 0)
    #expect(line.receive(1).isEmpty)
  }

  @Test("output that is discarded is never sent")
  func discard() throws {
    let line = try Line()
    #expect(
      try line.onLoop { channel in
        channel.appendOutput([9])
        channel.discardOutput()
        return channel.flush() && channel.send([1], 0..<1) == 1
      })
    #expect(line.receive(1) == [1])
  }

  @Test("what a claim does not want stays with the kernel, for whoever reads the socket next")
  func claim() throws {
    let line = try Line(inputBytes: 8)
    line.send(6)
    try line.until(\.canRead)
    // It is told all that has come, and takes a part of it; there may be more, and the kernel tells of it no second time.
    #expect(
      try line.onLoop { channel in
        var seen: [Int] = []
        let outcome = channel.fill { bytes in
          seen.append(bytes.count)
          return 2
        }
        return outcome == .received && seen == [6] && channel.input.range == 0..<2 && channel.bytesIn == 2 && channel.canRead
      })
    // What is there counts: of four two more are taken.
    #expect(try line.onLoop { $0.fill { $0.count == 6 ? 4 : 0 } == .received && $0.input.count == 4 })
    // More than has come is not waited for.
    #expect(try line.onLoop { $0.fill { _ in 100 } == .received && $0.input.count == 6 })
    #expect(try line.onLoop { $0.fill { _ in 100 } == .wouldBlock && !$0.canRead && $0.input.count == 6 })
    // The room ends before what has come does.
    line.send(6)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill { _ in 100 } == .received && $0.input.isFull })
    #expect(try line.onLoop { $0.fill { _ in 100 } } == .full)
    try line.onLoop { $0.consumeInput(8) }
    #expect(try line.onLoop { $0.fill() } == .received)
    #expect(try line.onLoop { $0.input.count == 4 && $0.bytesIn == 12 })
  }

  @Test("a claim that wants nothing takes nothing, and leaves the loop its memory")
  func noClaim() throws {
    let line = try Line(inputBytes: 8)
    line.send(3)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill { _ in 0 } == .wouldBlock && $0.input.bytes.isEmpty && $0.bytesIn == 0 })
    line.send(1)
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill { $0.count } == .received && $0.input.count == 4 })
    line.closeFar()
    try line.until(\.canRead)
    #expect(try line.onLoop { $0.fill { $0.count } == .ended && $0.sawEnd && $0.input.count == 4 })
    try line.onLoop { $0.close() }
    #expect(try line.onLoop { $0.fill { $0.count } } == .ended)
  }
}
