/// What one call of `BodyDecoder.next` found. All offsets and counts are from the first byte of the input of that call.
package enum BodyStep: Sendable, Equatable {
  /// Bytes of the body, and how much of the input ends with them, the framing before them included. Call again with what follows.
  case data(Range<Int>, consumed: Int)
  /// The input is used up, down to `consumed`; more must come.
  case needMore(consumed: Int)
  /// The body is over. What follows `consumed` belongs to the next message.
  case end(consumed: Int)
  /// The framing is broken; the connection cannot be used again.
  case failed(BodyFault)
}

/// What is wrong with a chunked body (RFC 9112, section 7.1).
package enum BodyFault: UInt8, Sendable, Error {
  case illFormedChunkSize, chunkLineTooLong, illFormedChunkExtension, missingChunkEnd, illFormedTrailer, trailersTooLarge

  /// A short text for logs and error pages; never what the peer sent.
  package var reason: String {
    switch self {
    case .illFormedChunkSize: "ill-formed chunk size"
    case .chunkLineTooLong: "chunk line too long"
    case .illFormedChunkExtension: "ill-formed chunk extension"
    case .missingChunkEnd: "chunk longer than its size"
    case .illFormedTrailer: "ill-formed trailer"
    case .trailersTooLarge: "trailers too large"
    }
  }
}

/// Takes a body out of its framing, wherever the input is split. Copies nothing; chunk extensions and trailers are checked, bounded and dropped.
package struct BodyDecoder: Sendable {
  private enum State { case finished, length, untilClose, chunked }

  private var state: State
  /// Bytes still to come of a body of known length.
  package private(set) var remaining: Int64 = 0
  private var chunks = ChunkFraming()

  /// A decoder for one body.
  package init(_ framing: BodyFraming) {
    switch framing {
    case .none: state = .finished
    case .length(let count):
      remaining = max(count, 0)
      state = count > 0 ? .length : .finished
    case .chunked: state = .chunked
    case .untilClose: state = .untilClose
    }
  }

  /// Whether the body has been read to its end. True as soon as the last byte of a known length was reported, and for a chunked body once
  /// the line after its last trailer was read.
  package var isComplete: Bool { state == .finished }

  /// The next part of the body in `input`, which begins where the last call's `consumed` ended.
  package mutating func next(_ input: Span<UInt8>) -> BodyStep {
    switch state {
    case .finished: return .end(consumed: 0)
    case .untilClose: return input.isEmpty ? .needMore(consumed: 0) : .data(0..<input.count, consumed: input.count)
    case .length:
      guard !input.isEmpty else { return .needMore(consumed: 0) }
      let count = Int(min(remaining, Int64(input.count)))
      remaining -= Int64(count)
      if remaining == 0 { state = .finished }
      return .data(0..<count, consumed: count)
    case .chunked:
      let step = chunks.next(input)
      if case .end = step { state = .finished }
      return step
    }
  }

  /// Bytes of a body of known length went another way, past this decoder: at most `remaining`.
  package mutating func pass(_ count: Int) {
    precondition(state == .length && count >= 0 && Int64(count) <= remaining)
    remaining -= Int64(count)
    if remaining == 0 { state = .finished }
  }

  /// The peer has closed. Whether that is a proper end; `false` means that the body was cut short.
  package mutating func endOfInput() -> Bool {
    if state == .untilClose { state = .finished }
    return state == .finished
  }
}
