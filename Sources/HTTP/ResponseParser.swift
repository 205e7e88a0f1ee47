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
    if cursor == 0 { head.removeAll() }
    while phase != .fields {
      guard cursor < limit else { return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge) }
      if let fault = scanStatusLine(input, limit, &head) { return .failed(fault) }
    }
    switch section.scan(input, &cursor, limit: limit, maxFields: maxFields, into: &head.fields) {
    case .incomplete: return input.count < maxHeadBytes ? .incomplete : .failed(.headTooLarge)
    case .failed(let fault): return .failed(.field(fault))
    case .complete:
      head.byteCount = cursor
      if let fault = head.interpret(input, requestMethod: requestMethod) { return .failed(fault) }
      reset()
      return .complete
    }
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
