/// Reads a response's head (RFC 9112, sections 2 to 6) as strictly as `RequestParser` reads a request's. Incremental in the same way.
package struct ResponseParser: Sendable {
  private enum Phase { case version, space, status, afterStatus, reason, lineFeed, fields }

  private let maxHeadBytes: Int
  private let maxFields: Int
  private var phase = Phase.version
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
    phase = .version
    cursor = 0
    version.reset()
    section.reset()
  }

  /// Goes on where the last call stopped; `input` and `head` as for `RequestParser.parse`. `requestMethod` is the method of the request that is answered.
  package mutating func parse(
    _ input: Span<UInt8>, into head: inout ResponseHead, requestMethod: Method
  ) -> ParseOutcome<ResponseFault> {
    let limit = min(input.count, maxHeadBytes)
    if cursor == 0 {
      head.removeAll()
      if phase == .version { scanOrdinaryStatusLine(input.extracting(first: limit), &head) }
    }
    while phase != .fields {
      guard cursor < limit else { return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge) }
      if let fault = scanStatusLine(input, limit, &head) { return .failed(fault) }
    }
    switch section.scan(input, &cursor, limit: limit, maxFields: maxFields, into: &head.fields, present: &head.present) {
    case .incomplete: return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge)
    case .failed(let fault): return .failed(.field(fault))
    case .complete:
      head.byteCount = cursor
      if let fault = head.interpret(input, requestMethod: requestMethod) { return .failed(fault) }
      reset()
      return .complete
    }
  }

  /// A status line that is all there and has nothing odd about it, in one go. Any other one is left to the states, with nothing changed.
  @inline(__always) private mutating func scanOrdinaryStatusLine(_ input: Span<UInt8>, _ head: inout ResponseHead) {
    // Version, blank, status, blank, CRLF.
    guard input.count >= 15 else { return }
    let version = Word.leading(input)
    guard version == ProtocolVersionScanner.version1 || version == ProtocolVersionScanner.version0 else { return }
    guard input[8] == Octet.space, input[12] == Octet.space else { return }
    guard isDigit(input[9]), isDigit(input[10]), isDigit(input[11]) else { return }
    let status = Int(input[9] &- Octet.zero) &* 100 &+ Int(input[10] &- Octet.zero) &* 10 &+ Int(input[11] &- Octet.zero)
    guard status >= 100, status <= 599 else { return }
    var end = 13
    while end < input.count, isFieldValueByte(input[end]) { end &+= 1 }
    guard end &+ 1 < input.count, input[end] == Octet.carriageReturn, input[end &+ 1] == Octet.lineFeed else { return }
    head.minorVersion = version == ProtocolVersionScanner.version1 ? 1 : 0
    head.status = status
    head.reason = ByteRange(13, end)
    cursor = end &+ 2
    phase = .fields
  }

  /// One step of the status line; there is at least one byte at the cursor.
  @inline(__always) private mutating func scanStatusLine(_ input: Span<UInt8>, _ limit: Int, _ head: inout ResponseHead) -> ResponseFault? {
    let byte = input[cursor]
    switch phase {
    case .version:
      switch version.scan(input, &cursor, limit: limit) {
      case .incomplete: break
      case .unsupported: return .unsupportedVersion
      case .illFormed: return .illFormedStatusLine
      case .minor(let minor):
        head.minorVersion = minor
        phase = .space
      }
    case .space:
      guard byte == Octet.space else { return .illFormedStatusLine }
      cursor &+= 1
      mark = cursor
      phase = .status
    case .status:
      guard isDigit(byte) else { return .illFormedStatusLine }
      head.status = head.status * 10 + Int(byte &- Octet.zero)
      cursor &+= 1
      if cursor &- mark == 3 {
        guard (100...599).contains(head.status) else { return .illFormedStatusLine }
        phase = .afterStatus
      }
    case .afterStatus:
      // A blank must follow by the letter of the grammar; servers that leave it out with the reason are common and clear.
      mark = byte == Octet.space ? cursor &+ 1 : cursor
      guard byte == Octet.space || byte == Octet.carriageReturn else { return .illFormedStatusLine }
      if byte == Octet.space { cursor &+= 1 }
      phase = .reason
    case .reason: return scanReason(input, limit, &head)
    case .lineFeed:
      guard byte == Octet.lineFeed else { return .field(.bareCarriageReturn) }
      cursor &+= 1
      phase = .fields
    case .fields: break
    }
    return nil
  }

  @inline(__always) private mutating func scanReason(_ input: Span<UInt8>, _ limit: Int, _ head: inout ResponseHead) -> ResponseFault? {
    while cursor < limit, isFieldValueByte(input[cursor]) { cursor &+= 1 }
    guard cursor < limit else { return nil }
    guard input[cursor] == Octet.carriageReturn else {
      return input[cursor] == Octet.lineFeed ? .field(.bareLineFeed) : .illFormedStatusLine
    }
    head.reason = ByteRange(mark, cursor)
    cursor &+= 1
    phase = .lineFeed
    return nil
  }
}
