/// Reads a request's head (RFC 9112, sections 2 to 6), refusing whatever two readers could take differently. Incremental: each byte is looked at once,
/// however slowly the head arrives, and the outcome does not depend on where it is split.
package struct RequestParser: Sendable {
  private enum Phase { case start, emptyLine, method, target, version, carriageReturn, lineFeed, fields }

  private var maxHeadBytes: Int
  private var maxFields: Int
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

  /// Takes other limits. Of a head that is under way, what was looked at already stands.
  package mutating func setLimits(maxHeadBytes: Int, maxFields: Int) {
    self.maxHeadBytes = max(min(max(maxHeadBytes, 1), 1 << 30), cursor)
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
    if cursor == 0 {
      head.removeAll()
      if phase == .start { scanOrdinaryRequestLine(input.extracting(first: limit), &head) }
    }
    while phase != .fields {
      guard cursor < limit else {
        return input.count < maxHeadBytes ? .incomplete : .failed(.requestLineTooLong)
      }
      if let fault = scanRequestLine(input, limit, &head) { return .failed(fault) }
    }
    switch section.scan(input, &cursor, limit: limit, maxFields: maxFields, into: &head.fields, present: &head.present) {
    case .incomplete: return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge)
    case .failed(let fault): return .failed(.field(fault))
    case .complete:
      head.byteCount = cursor
      if let fault = head.interpret(input) { return .failed(fault) }
      reset()
      return .complete
    }
  }

  /// A request line that is all there and has nothing odd about it, in one go. Any other one is left to the states, with nothing changed.
  @inline(__always) private mutating func scanOrdinaryRequestLine(_ input: Span<UInt8>, _ head: inout RequestHead) {
    guard input.count >= 8 else { return }
    let first = Word.leading(input)
    // Up to the first blank or control byte: a NUL would pass for the end of a shorter method.
    let marks = Word.bytes(below: 0x21, in: first)
    guard marks != 0 else { return }
    let methodCount = Word.firstIndex(marks)
    let method = Method(first & Word.bytesBefore(marks))
    guard method != .other, method != .connect, input[methodCount] == Octet.space else { return }
    var rest = input.extracting(droppingFirst: methodCount &+ 1)
    while rest.count >= 8 {
      let marks = RequestParser.bytesNotInTarget(Word.leading(rest))
      if marks != 0 {
        rest = rest.extracting(droppingFirst: Word.firstIndex(marks))
        break
      }
      rest = rest.extracting(droppingFirst: 8)
    }
    // The version's first byte must be there, and the blank before it is the target's end.
    let target = methodCount &+ 1
    let targetEnd = input.count &- rest.count
    guard rest.count >= 11, rest[0] == Octet.space, targetEnd > target else { return }
    rest = rest.extracting(droppingFirst: 1)
    let version = Word.leading(rest)
    guard version == ProtocolVersionScanner.version1 || version == ProtocolVersionScanner.version0 else { return }
    guard rest[8] == Octet.carriageReturn, rest[9] == Octet.lineFeed else { return }
    head.method = method
    head.methodRange = ByteRange(0, methodCount)
    head.target = ByteRange(target, targetEnd)
    head.minorVersion = version == ProtocolVersionScanner.version1 ? 1 : 0
    cursor = targetEnd &+ 11
    phase = .fields
  }

  /// All but 0x21 to 0x7E less `#`.
  @inline(__always) private static func bytesNotInTarget(_ word: UInt64) -> UInt64 {
    Word.bytes(below: 0x21, in: word) | Word.bytes(equalTo: 0x7F, in: word) | Word.bytes(equalTo: Octet.numberSign, in: word)
      | (word & Word.tops)
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
        let marks = RequestParser.bytesNotInTarget(Word.load(input, cursor))
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
