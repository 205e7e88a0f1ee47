/// One field line of a head; offsets as in the head that holds it.
package struct FieldLine: Sendable, Equatable {
  /// The name, as sent.
  package let name: ByteRange
  /// The value without the blanks around it.
  package let value: ByteRange
  /// The whole line with its CRLF; lines of one head lie side by side, so a run of them is one run of bytes.
  package let line: ByteRange
  /// Which of the names that the gateway knows it is.
  package let known: KnownField
}

/// What is wrong with a field line (RFC 9112, section 5).
package enum FieldFault: UInt8, Sendable, Error {
  case bareLineFeed, bareCarriageReturn, controlByte, blankBeforeColon, foldedLine, emptyName, illFormedName, tooManyFields

  /// A short text for logs and error pages; never what the peer sent.
  package var reason: String {
    switch self {
    case .bareLineFeed: "line feed without carriage return"
    case .bareCarriageReturn: "carriage return without line feed"
    case .controlByte: "control byte in a field"
    case .blankBeforeColon: "blank before the colon of a field"
    case .foldedLine: "folded field line"
    case .emptyName: "field without a name"
    case .illFormedName: "ill-formed field name"
    case .tooManyFields: "too many fields"
    }
  }
}

enum FieldScan {
  case incomplete
  case complete
  case failed(FieldFault)
}

/// The field lines of a head up to the blank line, in one pass, from wherever the last call stopped.
struct FieldSectionScanner {
  private enum Phase { case lineStart, name, valueStart, value, lineFeed, finalLineFeed }

  private var phase = Phase.lineStart
  private var lineStart = 0
  private var nameEnd = 0
  private var valueStart = 0
  private var known = KnownField.other

  mutating func reset() { phase = .lineStart }

  /// Reads `input` from `cursor` up to `limit` and appends the lines that it completes. `cursor` ends after the last byte judged.
  mutating func scan(_ input: Span<UInt8>, _ cursor: inout Int, limit: Int, maxFields: Int, into fields: inout [FieldLine]) -> FieldScan {
    let table = KnownFieldTable.shared
    var position = cursor
    defer { cursor = position }
    while position < limit {
      switch phase {
      case .lineStart:
        let byte = input[position]
        lineStart = position
        if byte == Octet.carriageReturn {
          phase = .finalLineFeed
          position &+= 1
        } else if let fault = faultAtLineStart(byte) {
          return .failed(fault)
        } else if fields.count >= maxFields {
          return .failed(.tooManyFields)
        } else if !scanOrdinaryLine(input, &position, limit, table, &fields) {
          phase = .name
        }
      case .name:
        if let fault = scanName(input, &position, limit, table) { return .failed(fault) }
      case .valueStart:
        while position < limit, isBlank(input[position]) { position &+= 1 }
        if position == limit { break }
        valueStart = position
        phase = .value
      case .value:
        if let fault = scanValue(input, &position, limit) { return .failed(fault) }
      case .lineFeed:
        guard input[position] == Octet.lineFeed else { return .failed(.bareCarriageReturn) }
        position &+= 1
        fields.append(completedLine(input, end: position))
        phase = .lineStart
      case .finalLineFeed:
        guard input[position] == Octet.lineFeed else { return .failed(.bareCarriageReturn) }
        position &+= 1
        phase = .lineStart
        return .complete
      }
    }
    return .incomplete
  }

  @inline(__always) private func faultAtLineStart(_ byte: UInt8) -> FieldFault? {
    if isTokenByte(byte) { return nil }
    switch byte {
    case Octet.space, Octet.tab: return .foldedLine
    case Octet.colon: return .emptyName
    case Octet.lineFeed: return .bareLineFeed
    default: return .illFormedName
    }
  }

  /// A line that is all there and has nothing odd about it, in one go. `false`, with nothing changed, leaves it to the states. A known name needs
  /// no look at its bytes one by one: finding it in the table says that they are right.
  @inline(__always) private func scanOrdinaryLine(
    _ input: Span<UInt8>, _ position: inout Int, _ limit: Int, _ table: KnownFieldTable, _ fields: inout [FieldLine]
  ) -> Bool {
    let start = position
    guard let colon = Word.firstOffset(of: Octet.colon, in: input, start..<min(limit, start &+ PackedName.maxCount)) else { return false }
    let found = table.find(input, start..<colon)
    if found == .other {
      for i in start..<colon where !isTokenByte(input[i]) { return false }
    }
    var end = colon &+ 1
    if end < limit, input[end] == Octet.space { end &+= 1 }
    guard end < limit, !isBlank(input[end]) else { return false }
    let value = end
    while end &+ 8 <= limit {
      let marks = FieldSectionScanner.unusualBytes(Word.load(input, end))
      if marks != 0 {
        end &+= Word.firstIndex(marks)
        break
      }
      end &+= 8
    }
    guard end &+ 2 <= limit, input[end] == Octet.carriageReturn, input[end &+ 1] == Octet.lineFeed, !isBlank(input[end &- 1]) else {
      return false
    }
    position = end &+ 2
    fields.append(
      FieldLine(name: ByteRange(start, colon), value: ByteRange(value, end), line: ByteRange(start, position), known: found))
    return true
  }

  /// Control bytes, HTAB among them.
  @inline(__always) private static func unusualBytes(_ word: UInt64) -> UInt64 {
    Word.bytes(below: 0x20, in: word) | Word.bytes(equalTo: 0x7F, in: word)
  }

  @inline(__always) private mutating func scanName(
    _ input: Span<UInt8>, _ cursor: inout Int, _ limit: Int, _ table: KnownFieldTable
  ) -> FieldFault? {
    while cursor < limit, isTokenByte(input[cursor]) { cursor &+= 1 }
    guard cursor < limit else { return nil }
    switch input[cursor] {
    case Octet.colon:
      nameEnd = cursor
      known = table.find(input, lineStart..<cursor)
      cursor &+= 1
      phase = .valueStart
      return nil
    case Octet.space, Octet.tab: return .blankBeforeColon
    case Octet.lineFeed: return .bareLineFeed
    default: return .illFormedName
    }
  }

  @inline(__always) private mutating func scanValue(_ input: Span<UInt8>, _ cursor: inout Int, _ limit: Int) -> FieldFault? {
    while cursor < limit {
      if cursor &+ 8 <= limit {
        let marks = FieldSectionScanner.unusualBytes(Word.load(input, cursor))
        if marks == 0 {
          cursor &+= 8
          continue
        }
        cursor &+= Word.firstIndex(marks)
      }
      let byte = input[cursor]
      if isFieldValueByte(byte) {
        cursor &+= 1
        continue
      }
      if byte == Octet.lineFeed { return .bareLineFeed }
      guard byte == Octet.carriageReturn else { return .controlByte }
      cursor &+= 1
      phase = .lineFeed
      return nil
    }
    return nil
  }

  @inline(__always) private func completedLine(_ input: Span<UInt8>, end: Int) -> FieldLine {
    var valueEnd = end &- 2
    while valueEnd > valueStart, isBlank(input[valueEnd &- 1]) { valueEnd &-= 1 }
    return FieldLine(
      name: ByteRange(lineStart, nameEnd), value: ByteRange(valueStart, valueEnd), line: ByteRange(lineStart, end), known: known)
  }
}
