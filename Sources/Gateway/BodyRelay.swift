import EventLoop
import HTTP

/// Moves one message body from the connection it arrives on to the one it leaves by, as fast as both allow, and never more of it in memory
/// than one buffer: the same machine serves requests and answers.
struct BodyRelay {
  enum Outcome: Equatable {
    /// All of it has been handed to the outgoing connection, which may still have some waiting.
    case finished
    /// Goes on when more has arrived.
    case needsInput
    /// Goes on when the outgoing connection can be written.
    case blocked
    /// Has used its share of this round; to be called again soon.
    case yielded
    /// The sender stopped in the middle.
    case truncated
    /// The sender broke the framing.
    case malformed(BodyFault)
    /// More than the limit.
    case tooLarge
    /// The outgoing connection is gone.
    case sinkFailed
  }

  private var decoder: BodyDecoder
  private let isChunkedOut: Bool
  private let limit: Int64
  // Decoded bytes at the front of the incoming buffer that go out as they are.
  private var pending = 0
  /// Payload bytes relayed, or about to be.
  private(set) var count: Int64 = 0
  private(set) var isFinished = false
  private var canSplice = true
  private let takesNotice: Bool

  private static let highWater = 64 << 10
  private static let copied = 4 << 10
  private static let readsEachRound = 16
  // What is left of a body that is worth the three calls that a pipe takes, and how many reads such a call counts for.
  private static let spliced: Int64 = 128 << 10
  private static let spliceCost = 4

  /// - Parameters:
  ///   - isChunkedOut: frame what goes out as chunks.
  ///   - limit: the most payload bytes.
  ///   - takesNotice: `Exchange.noticeLine` goes behind the last byte.
  init(_ framing: BodyFraming, isChunkedOut: Bool, limit: Int64 = .max, takesNotice: Bool = false) {
    self.takesNotice = takesNotice
    decoder = BodyDecoder(framing)
    self.isChunkedOut = isChunkedOut
    self.limit = limit
    isFinished = framing == .none
  }

  mutating func relay(from source: Channel, to sink: Channel) -> Outcome {
    var reads = Self.readsEachRound
    while true {
      if sink.failure != 0 { return .sinkFailed }
      if pending > 0 {
        let input = source.input
        let sent = sink.send(input.bytes, input.start..<input.start + pending)
        source.consumeInput(sent)
        pending -= sent
        if pending > 0 { return sink.failure != 0 ? .sinkFailed : .blocked }
      }
      if sink.piped > 0 || (decoder.remaining >= Self.spliced && maySplice(source, sink)) {
        guard reads > 0 else { return .yielded }
        reads -= Self.spliceCost
        if let outcome = splice(source, sink) { return outcome }
        if decoder.isComplete { finish(sink) }
        continue
      }
      if isFinished {
        source.releaseInputIfEmpty()
        return sink.flush() || sink.failure == 0 ? .finished : .sinkFailed
      }
      if sink.backlog > Self.highWater, !sink.flush(), sink.backlog > Self.highWater { return sink.failure != 0 ? .sinkFailed : .blocked }
      if decoder.isComplete {
        finish(sink)
        continue
      }
      let outcome = source.inputIsEmpty ? BodyStep.needMore(consumed: 0) : step(source)
      switch outcome {
      case .data(let range, let consumed):
        count += Int64(range.count)
        guard count <= limit else {
          // The decoder has passed over these bytes: so does the buffer.
          source.consumeInput(consumed)
          return .tooLarge
        }
        take(range, consumed, from: source, to: sink)
      case .needMore(let consumed):
        source.consumeInput(consumed)
        guard reads > 0 else { return .yielded }
        reads -= 1
        if let outcome = receive(source, sink) { return outcome }
      case .end(let consumed):
        source.consumeInput(consumed)
        finish(sink)
      case .failed(let fault):
        return .malformed(fault)
      }
    }
  }

  /// Whether the rest of the body may take the short way: plain bytes, within the limit, with nothing before them.
  private func maySplice(_ source: Channel, _ sink: Channel) -> Bool {
    canSplice && !isChunkedOut && source.inputIsEmpty && sink.backlog == 0 && decoder.remaining <= limit - count
  }

  /// Moves a part of the body inside the kernel; `nil` when there may be more to do.
  private mutating func splice(_ source: Channel, _ sink: Channel) -> Outcome? {
    let outcome = sink.splice(from: source, Int(clamping: decoder.remaining))
    switch outcome {
    case .moved(let moved), .blocked(let moved):
      if moved > 0 { decoder.pass(moved) }
      count += Int64(moved)
      return outcome == .moved(moved) ? nil : .blocked
    case .wouldBlock: return .needsInput
    case .ended: return .truncated
    case .sinkFailed: return .sinkFailed
    case .unavailable:
      canSplice = false
      return nil
    }
  }

  /// Gives up: passes over what was decoded but not sent, and tells what is left of the body, if it was not read to its end.
  mutating func abandon(_ source: Channel) -> BodyDecoder? {
    source.consumeInput(pending)
    pending = 0
    return isFinished || decoder.isComplete ? nil : decoder
  }

  private mutating func step(_ source: Channel) -> BodyStep {
    let input = source.input
    return decoder.next(input.bytes.span.extracting(input.range))
  }

  private mutating func take(_ range: Range<Int>, _ consumed: Int, from source: Channel, to sink: Channel) {
    // A short piece behind a head is cheaper copied to it than sent as a second part.
    let isShort = range.count <= Self.copied && sink.backlog > 0
    if !isChunkedOut, !isShort, range.lowerBound == 0, consumed == range.upperBound {
      pending = range.count
      return
    }
    let input = source.input
    var output = sink.takeOutput()
    if isChunkedOut { output.appendChunkHeader(range.count) }
    output.append(copying: input.bytes.span.extracting(input.start + range.lowerBound..<input.start + range.upperBound))
    if isChunkedOut { output.appendASCII("\r\n") }
    sink.setOutput(output)
    source.consumeInput(consumed)
  }

  private mutating func receive(_ source: Channel, _ sink: Channel) -> Outcome? {
    switch source.fill() {
    case .received: return nil
    case .full: return .malformed(.chunkLineTooLong)
    case .wouldBlock:
      _ = sink.flush()
      return sink.failure != 0 ? .sinkFailed : .needsInput
    case .ended:
      guard source.failure == 0, decoder.endOfInput() else { return .truncated }
      finish(sink)
      return nil
    }
  }

  private func appendNotice(to sink: Channel) {
    let line = Exchange.noticeLine
    var output = sink.takeOutput()
    if isChunkedOut { output.appendChunkHeader(line.utf8CodeUnitCount) }
    output.appendLiteral(line)
    if isChunkedOut { output.appendLiteral("\r\n") }
    sink.setOutput(output)
  }

  private mutating func finish(_ sink: Channel) {
    isFinished = true
    if takesNotice { appendNotice(to: sink) }
    if isChunkedOut {
      sink.appendOutput("0\r\n\r\n".utf8)
    }
  }
}
