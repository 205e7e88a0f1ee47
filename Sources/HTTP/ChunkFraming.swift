/// The chunked transfer coding, a byte at a time between the data (RFC 9112, section 7.1).
struct ChunkFraming: Sendable {
  private enum State {
    case sizeStart, size, sizeExtension, sizeLineFeed, data, dataReturn, dataLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, finalLineFeed
    case finished
    case failed(BodyFault)
  }

  private static let maxSizeDigits = 15
  private static let maxLineBytes = 256
  private static let maxTrailerBytes = 8192

  private var state = State.sizeStart
  private var size = 0
  private var digits = 0
  private var lineBytes = 0
  private var trailerBytes = 0

  mutating func next(_ input: Span<UInt8>) -> BodyStep {
    var cursor = 0
    while true {
      switch state {
      case .finished: return .end(consumed: cursor)
      case .failed(let fault): return .failed(fault)
      case .data:
        guard cursor < input.count else { return .needMore(consumed: cursor) }
        let end = cursor &+ min(size, input.count &- cursor)
        size &-= end &- cursor
        if size == 0 { state = .dataReturn }
        return .data(cursor..<end, consumed: end)
      default:
        guard cursor < input.count else { return .needMore(consumed: cursor) }
        state = stateAfter(input[cursor])
        cursor &+= 1
      }
    }
  }

  private mutating func stateAfter(_ byte: UInt8) -> State {
    switch state {
    case .sizeStart, .size, .sizeExtension, .sizeLineFeed: return stateInSizeLine(byte)
    case .dataReturn: return byte == Octet.carriageReturn ? .dataLineFeed : .failed(.missingChunkEnd)
    case .dataLineFeed: return byte == Octet.lineFeed ? .sizeStart : .failed(.missingChunkEnd)
    case .data, .finished, .failed: return state
    case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .finalLineFeed: return stateInTrailers(byte)
    }
  }

  private mutating func stateInSizeLine(_ byte: UInt8) -> State {
    if case .sizeStart = state {
      size = 0
      digits = 0
      lineBytes = 0
    }
    lineBytes &+= 1
    guard lineBytes <= ChunkFraming.maxLineBytes else { return .failed(.chunkLineTooLong) }
    switch state {
    case .sizeStart, .size:
      if let value = hexadecimalValue(byte) {
        digits &+= 1
        guard digits <= ChunkFraming.maxSizeDigits else { return .failed(.illFormedChunkSize) }
        size = size &<< 4 | Int(value)
        return .size
      }
      guard digits > 0 else { return .failed(.illFormedChunkSize) }
      if byte == Octet.semicolon { return .sizeExtension }
      return byte == Octet.carriageReturn ? .sizeLineFeed : .failed(.illFormedChunkSize)
    case .sizeExtension:
      if byte == Octet.carriageReturn { return .sizeLineFeed }
      return isFieldValueByte(byte) ? .sizeExtension : .failed(.illFormedChunkExtension)
    default:
      guard byte == Octet.lineFeed else { return .failed(.illFormedChunkSize) }
      return size == 0 ? .trailerStart : .data
    }
  }

  private mutating func stateInTrailers(_ byte: UInt8) -> State {
    trailerBytes &+= 1
    guard trailerBytes <= ChunkFraming.maxTrailerBytes else { return .failed(.trailersTooLarge) }
    switch state {
    case .trailerStart:
      if byte == Octet.carriageReturn { return .finalLineFeed }
      return isTokenByte(byte) ? .trailerName : .failed(.illFormedTrailer)
    case .trailerName:
      if byte == Octet.colon { return .trailerValue }
      return isTokenByte(byte) ? .trailerName : .failed(.illFormedTrailer)
    case .trailerValue:
      if byte == Octet.carriageReturn { return .trailerLineFeed }
      return isFieldValueByte(byte) ? .trailerValue : .failed(.illFormedTrailer)
    case .trailerLineFeed: return byte == Octet.lineFeed ? .trailerStart : .failed(.illFormedTrailer)
    default: return byte == Octet.lineFeed ? .finished : .failed(.illFormedTrailer)
    }
  }
}
