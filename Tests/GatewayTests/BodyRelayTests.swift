import Dispatch
import EventLoop
import Glibc
import HTTP
import Synchronization
import Testing

@testable import Gateway

/// Two connections of one loop with a relay between them, driven by the test step by step.
private final class Bridge {
  final class End: Channel {
    override func ready(_ readiness: Readiness) { note(readiness) }
  }

  final class State {
    let source: End
    let sink: End
    var relay: BodyRelay
    var rest: BodyDecoder?

    init(source: End, sink: End, relay: BodyRelay) {
      self.source = source
      self.sink = sink
      self.relay = relay
    }
  }

  private let thread: LoopThread
  let from: Peer
  let to: Peer

  init(_ framing: BodyFraming, isChunkedOut: Bool = false, limit: Int64 = .max, inputBytes: Int = 64 << 10, isNarrow: Bool = false) throws {
    var sources: [Int32] = [0, 0]
    var sinks: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sources) == 0,
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sinks) == 0
    else { throw WireFault("socketpair") }
    let (source, sink) = (sources[0], sinks[0])
    for descriptor in [source, sink] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    if isNarrow {
      var count: Int32 = 1
      setsockopt(sink, SOL_SOCKET, SO_SNDBUF, &count, socklen_t(MemoryLayout<Int32>.size))
    }
    from = Peer(sources[1])
    to = Peer(sinks[1])
    thread = try LoopThread(name: "bridge", inputBytes: inputBytes) { loop in
      let state = State(
        source: End(descriptor: source, loop: loop), sink: End(descriptor: sink, loop: loop),
        relay: BodyRelay(framing, isChunkedOut: isChunkedOut, limit: limit))
      try? loop.add(state.source, descriptor: source)
      try? loop.add(state.sink, descriptor: sink)
      loop.context = state
    }
  }

  deinit {
    thread.handle.post { loop in
      (loop.context as? State)?.source.close()
      (loop.context as? State)?.sink.close()
      loop.stop()
    }
    thread.join()
  }

  private final class Result<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  @discardableResult
  func onLoop<Value: Sendable>(_ look: @escaping @Sendable (State) -> Value) throws -> Value {
    let result = Result<Value>()
    thread.handle.post { loop in
      result.value.withLock { $0 = (loop.context as? State).map(look) }
      result.isThere.signal()
    }
    _ = result.isThere.wait(timeout: .now() + 10)
    return try #require(result.value.withLock { $0 })
  }

  /// One call of the relay.
  func step() throws -> BodyRelay.Outcome { try onLoop { $0.relay.relay(from: $0.source, to: $0.sink) } }

  /// Sends, and comes back when the relay can see it.
  func send(_ text: String) throws {
    try from.send(text)
    try arrived()
  }

  func arrived() throws {
    let limit = System.monotonicMilliseconds() + 10_000
    while try !onLoop({ $0.source.canRead }) { try #require(System.monotonicMilliseconds() < limit) }
  }

  /// Calls the relay, whatever its outcome, until `holds` of one.
  func step(until holds: (BodyRelay.Outcome) -> Bool) throws -> BodyRelay.Outcome {
    let limit = System.monotonicMilliseconds() + 10_000
    while true {
      let outcome = try step()
      if holds(outcome) { return outcome }
      try #require(System.monotonicMilliseconds() < limit, "still \(outcome)")
    }
  }

  func received(_ count: Int) throws -> String { String(decoding: try to.exactly(count), as: UTF8.self) }
  var count: Int64 { get throws { try onLoop { $0.relay.count } } }
  /// What of the source's bytes the relay has left alone.
  var unread: String { get throws { try onLoop { String(decoding: $0.source.input.bytes[$0.source.input.range], as: UTF8.self) } } }
}

@Suite struct BodyRelayTests {
  @Test("no body is finished at once, and nothing is read for it")
  func none() throws {
    let bridge = try Bridge(.none)
    try bridge.send("next")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.onLoop { $0.source.bytesIn } == 0)
    #expect(try bridge.count == 0)
  }

  @Test("a body of known length goes through as it comes, and what follows it stays")
  func length() throws {
    let bridge = try Bridge(.length(10))
    #expect(try bridge.step() == .needsInput)
    try bridge.send("01234")
    #expect(try bridge.step() == .needsInput)
    #expect(try bridge.received(5) == "01234")
    try bridge.send("56789GET ")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.received(5) == "56789")
    #expect(try bridge.count == 10)
    #expect(try bridge.unread == "GET ")
    #expect(try bridge.step() == .finished, "asked again, it says the same")
  }

  @Test("an empty body of known length is finished at once")
  func emptyLength() throws {
    let bridge = try Bridge(.length(0))
    #expect(try bridge.step() == .finished)
  }

  @Test("chunks go out in chunks of our own, without extensions and trailers")
  func chunked() throws {
    let bridge = try Bridge(.chunked, isChunkedOut: true)
    try bridge.send("3;a=b\r\nabc\r\n")
    #expect(try bridge.step() == .needsInput)
    #expect(try bridge.received(8) == "3\r\nabc\r\n")
    try bridge.send("5\r\nde")
    #expect(try bridge.step() == .needsInput)
    #expect(try bridge.received(7) == "2\r\nde\r\n")
    try bridge.send("fgh\r\n0\r\nX-Trailer: 1\r\n\r\nGET ")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.received(13) == "3\r\nfgh\r\n0\r\n\r\n")
    #expect(try bridge.count == 8)
    #expect(try bridge.unread == "GET ")
  }

  @Test("a chunked body without any data is one that ends")
  func chunkedEmpty() throws {
    let bridge = try Bridge(.chunked, isChunkedOut: true)
    try bridge.send("0\r\n\r\n")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.received(5) == "0\r\n\r\n")
  }

  @Test("chunks are taken out of their framing where the other side knows none")
  func unchunk() throws {
    let bridge = try Bridge(.chunked)
    try bridge.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.received(5) == "abcde")
  }

  @Test("a body that ends with the connection is put into chunks", arguments: [true, false])
  func untilClose(isChunkedOut: Bool) throws {
    let bridge = try Bridge(.untilClose, isChunkedOut: isChunkedOut)
    try bridge.send("abc")
    #expect(try bridge.step() == .needsInput)
    bridge.from.halfClose()
    try bridge.arrived()
    #expect(try bridge.step() == .finished)
    let expected = isChunkedOut ? "3\r\nabc\r\n0\r\n\r\n" : "abc"
    #expect(try bridge.received(expected.utf8.count) == expected)
    #expect(try bridge.count == 3)
  }

  @Test(
    "an end in the middle is not taken for the end",
    arguments: [
      (BodyFraming.length(10), "01234"), (.length(10), ""), (.chunked, "5\r\nab"), (.chunked, "2\r\nab\r\n"),
      (.chunked, "2\r\nab\r\n0\r\n"),
      (.chunked, ""),
    ])
  func truncated(framing: BodyFraming, sent: String) throws {
    let bridge = try Bridge(framing)
    try bridge.from.send(sent)
    bridge.from.halfClose()
    try bridge.arrived()
    #expect(try bridge.step { $0 != .needsInput } == .truncated)
    #expect(try bridge.onLoop { !$0.relay.isFinished })
  }

  @Test(
    "broken framing is told, and the body is not finished",
    arguments: [
      ("x\r\n", BodyFault.illFormedChunkSize, 0), ("2\r\nabc\r\n", .missingChunkEnd, 2), ("2\r\nab\r\n0\r\n:\r\n", .illFormedTrailer, 2),
      ("2;\u{1}\r\n", .illFormedChunkExtension, 0),
    ])
  func malformed(sent: String, fault: BodyFault, before: Int64) throws {
    let bridge = try Bridge(.chunked)
    try bridge.send(sent)
    #expect(try bridge.step() == .malformed(fault))
    #expect(try bridge.step() == .malformed(fault))
    #expect(try bridge.count == before)
    #expect(try bridge.onLoop { !$0.relay.isFinished })
  }

  @Test("a chunk line longer than the input buffer is broken framing, not a wait without end")
  func longLine() throws {
    let bridge = try Bridge(.chunked, inputBytes: 64)
    try bridge.send("1;" + String(repeating: "x", count: 300))
    #expect(try bridge.step { $0 != .needsInput && $0 != .yielded } == .malformed(.chunkLineTooLong))
  }

  @Test("the limit counts what is carried and not its framing; one byte more is too large")
  func limit() throws {
    let exact = try Bridge(.chunked, limit: 4)
    try exact.send("2;xxxxxxxxxx\r\nab\r\n2\r\ncd\r\n0\r\n\r\n")
    #expect(try exact.step() == .finished)
    let over = try Bridge(.chunked, limit: 4)
    try over.send("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
    #expect(try over.step() == .tooLarge)
  }

  @Test("a sink that is not read blocks the relay, which then reads no more; afterwards every byte is there once")
  func blocked() throws {
    let bridge = try Bridge(.length(1_000_000), isNarrow: true)
    let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    var sent = bridge.from.sendWithoutWaiting(body)
    try bridge.arrived()
    #expect(try bridge.step { $0 != .yielded } == .blocked)
    let taken = try bridge.onLoop { $0.source.bytesIn }
    #expect(try bridge.step() == .blocked)
    #expect(try bridge.onLoop { $0.source.bytesIn } == taken, "nothing more is read while the sink is blocked")
    #expect(try bridge.onLoop { $0.source.input.count + $0.sink.backlog } <= 128 << 10)
    var received: [UInt8] = []
    var outcome = BodyRelay.Outcome.blocked
    while received.count < body.count {
      sent += bridge.from.sendWithoutWaiting(Array(body[sent...]))
      received += try bridge.to.exactly(min(1000, try bridge.onLoop { Int($0.sink.bytesOut) } - received.count))
      outcome = try bridge.step()
    }
    #expect(outcome == .finished)
    #expect(received == body)
    #expect(try bridge.count == 1_000_000)
  }

  @Test("re-framed output waits too, and never more of it than the mark and one buffer")
  func blockedChunks() throws {
    let bridge = try Bridge(.untilClose, isChunkedOut: true, isNarrow: true)
    let body = [UInt8](repeating: 5, count: 400_000)
    var sent = bridge.from.sendWithoutWaiting(body)
    try bridge.arrived()
    var outcome = try bridge.step()
    while outcome != .blocked {
      sent += bridge.from.sendWithoutWaiting(Array(body[sent...]))
      try #require(sent < body.count || outcome != .needsInput)
      outcome = try bridge.step()
    }
    #expect(try bridge.onLoop { $0.sink.backlog } <= (64 << 10) + (64 << 10) + 32)
  }

  @Test("a sender that never pauses gives the others a turn")
  func yields() throws {
    let bridge = try Bridge(.length(10_000), inputBytes: 16)
    _ = bridge.from.sendWithoutWaiting([UInt8](repeating: 1, count: 600))
    try bridge.arrived()
    #expect(try bridge.step() == .yielded)
    #expect(try bridge.count == 256, "16 reads of 16 bytes")
  }

  @Test("a sink that is gone is told")
  func sinkFailed() throws {
    let bridge = try Bridge(.length(10))
    bridge.to.close()
    try bridge.send("01234")
    #expect(try bridge.step { $0 != .needsInput } == .sinkFailed)
    #expect(try bridge.step() == .sinkFailed)
  }

  @Test("given up in the middle, it leaves exactly what is left of the body", arguments: [1000, 200_000])
  func abandon(part: Int) throws {
    let bridge = try Bridge(.length(300_000), isNarrow: true)
    let sent = bridge.from.sendWithoutWaiting([UInt8](repeating: 1, count: part))
    try bridge.arrived()
    _ = try bridge.step { $0 == .needsInput || $0 == .blocked }
    let (remaining, waiting, taken) = try bridge.onLoop { state in
      state.rest = state.relay.abandon(state.source)
      return (state.rest?.remaining ?? -1, Int64(state.source.input.count), state.source.bytesIn)
    }
    #expect(remaining == 300_000 - taken + waiting)
    #expect(sent > 0)
  }

  @Test("given up within a chunk, the rest is read from the right place")
  func abandonChunk() throws {
    let bridge = try Bridge(.chunked)
    try bridge.send("8\r\nabc")
    #expect(try bridge.step() == .needsInput)
    try bridge.send("de")
    try bridge.onLoop { $0.rest = $0.relay.abandon($0.source) }
    try bridge.send("fgh\r\n0\r\n\r\nGET ")
    let left = try bridge.onLoop { state in
      while case .received = state.source.fill() {}
      guard var decoder = state.rest else { return "complete" }
      while true {
        let input = state.source.input.bytes
        switch decoder.next(input.span.extracting(state.source.input.range)) {
        case .data(_, let consumed): state.source.consumeInput(consumed)
        case .end(let consumed):
          state.source.consumeInput(consumed)
          return String(decoding: state.source.input.bytes[state.source.input.range], as: UTF8.self)
        case let other: return "\(other)"
        }
      }
    }
    #expect(left == "GET ")
  }

  @Test("given up after the end, there is nothing left")
  func abandonFinished() throws {
    let bridge = try Bridge(.length(2))
    try bridge.send("ab")
    #expect(try bridge.step() == .finished)
    #expect(try bridge.onLoop { $0.relay.abandon($0.source) == nil })
  }
}
