/// Reads a request's head (RFC 9112, sections 2 to 6), refusing whatever two readers could take differently. Incremental: each byte is looked at once,
/// however slowly the head arrives, and the outcome does not depend on where it is split.
package struct RequestParser: Sendable {
  private enum Phase { case start, emptyLine, method, target, version, carriageReturn, lineFeed, fields }

  private let maxHeadBytes: Int
  private let maxFields: Int
  private var phase = Phase.start
  private var cursor = 0
  private var mark = 0
  private var version = ProtocolVersionScanner()
  private var section = FieldSectionScanner()

  /// `maxHeadBytes`: the head with its blank line, 1 to 2^30. `maxFields`: field lines.
  package init(maxHeadBytes: Int, maxFields: Int) {
    self.maxHeadBytes = min(max(maxHeadBytes, 1), 1 << 30)
    self.maxFields = maxFields
  }

  /// Forgets a head that is not complete.
  package mutating func reset() {
    phase = .start
    cursor = 0
    version.reset()
    section.reset()
  }

  /// Goes on where the last call stopped. `input` begins with the first byte after the last message and holds all that came since, also what an
  /// earlier call has seen; `head` is the same one at each call until the head is complete. All offsets count from the first byte of `input`.
  package mutating func parse(_ input: Span<UInt8>, into head: inout RequestHead) -> ParseOutcome<RequestFault> {
    let limit = min(input.count, maxHeadBytes)
    if cursor == 0 { head.removeAll() }
    while phase != .fields {
      guard cursor < limit else {
        return input.count < maxHeadBytes ? .incomplete : .failed(.requestLineTooLong)
      }
      if let fault = scanRequestLine(input, limit, &head) { return .failed(fault) }
    }
    switch section.scan(input, &cursor, limit: limit, maxFields: maxFields, into: &head.fields) {
    case .incomplete: return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge)
    case .failed(let fault): return .failed(.field(fault))
    case .complete:
      head.byteCount = cursor
      if let fault = head.interpret(input) { return .failed(fault) }
      reset()
      return .complete
    }
  }

  /// One step of the request line; there is at least one byte at the cursor.
  @inline(__always) private mutating func scanRequestLine(_ input: Span<UInt8>, _ limit: Int, _ head: inout RequestHead) -> RequestFault? {
    switch phase {
    case .start:
      // RFC 9112, section 2.2: some old clients send one empty line too many after a body.
      if input[cursor] == Octet.carriageReturn {
        cursor &+= 1
        phase = .emptyLine
      } else {
        mark = cursor
        phase = .method
      }
    case .emptyLine:
      guard input[cursor] == Octet.lineFeed else { return .field(.bareCarriageReturn) }
      cursor &+= 1
      mark = cursor
      phase = .method
    case .method: return scanMethod(input, limit, &head)
    case .target: return scanTarget(input, limit, &head)
    case .version:
      switch version.scan(input, &cursor, limit: limit) {
      case .incomplete: break
      case .unsupported: return .unsupportedVersion
      case .illFormed: return .illFormedRequestLine
      case .minor(let minor):
        head.minorVersion = minor
        phase = .carriageReturn
      }
    case .carriageReturn:
      if input[cursor] == Octet.lineFeed { return .field(.bareLineFeed) }
      guard input[cursor] == Octet.carriageReturn else { return .illFormedRequestLine }
      cursor &+= 1
      phase = .lineFeed
    case .lineFeed:
      guard input[cursor] == Octet.lineFeed else { return .field(.bareCarriageReturn) }
      cursor &+= 1
      phase = .fields
    case .fields: break
    }
    return nil
  }

  @inline(__always) private mutating func scanMethod(_ input: Span<UInt8>, _ limit: Int, _ head: inout RequestHead) -> RequestFault? {
    while cursor < limit, isTokenByte(input[cursor]) { cursor &+= 1 }
    guard cursor < limit else { return nil }
    guard input[cursor] == Octet.space, cursor > mark else { return .illFormedRequestLine }
    head.methodRange = ByteRange(mark, cursor)
    head.method = Method(input, mark..<cursor)
    guard head.method != .connect else { return .connectNotServed }
    cursor &+= 1
    mark = cursor
    phase = .target
    return nil
  }

  @inline(__always) private mutating func scanTarget(_ input: Span<UInt8>, _ limit: Int, _ head: inout RequestHead) -> RequestFault? {
    while cursor < limit {
      if cursor &+ 8 <= limit {
        let word = Word.load(input, cursor)
        let marks =
          Word.bytes(below: 0x21, in: word) | Word.bytes(equalTo: 0x7F, in: word) | Word.bytes(equalTo: Octet.numberSign, in: word)
          | (word & Word.tops)
        if marks == 0 {
          cursor &+= 8
          continue
        }
        cursor &+= Word.firstIndex(marks)
      }
      let byte = input[cursor]
      if byte > Octet.space, byte < 0x7F, byte != Octet.numberSign {
        cursor &+= 1
        continue
      }
      return endTarget(byte, &head)
    }
    return nil
  }

  private mutating func endTarget(_ byte: UInt8, _ head: inout RequestHead) -> RequestFault? {
    switch byte {
    case Octet.space:
      guard cursor > mark else { return .illFormedRequestLine }
      head.target = ByteRange(mark, cursor)
      cursor &+= 1
      phase = .version
      return nil
    case Octet.numberSign: return .fragmentInTarget
    case 0x80...: return .byteOutsideASCIIInTarget
    case Octet.carriageReturn, Octet.lineFeed: return .illFormedRequestLine
    default: return .illFormedTarget
    }
  }
}
