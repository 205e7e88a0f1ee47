/// One field line of a head; offsets as in the head that holds it.
package struct FieldLine: Sendable, Equatable {
  @usableFromInline let start: Int32
  @usableFromInline let nameEnd: Int32
  @usableFromInline let valueStart: Int32
  @usableFromInline let valueEnd: Int32
  @usableFromInline let end: Int32
  /// Which of the names that the gateway knows it is.
  package let known: KnownField

  /// `name` ends at the colon, `line` begins with it. All must fit 31 bits, as every head limit does.
  @inline(__always) init(start: Int, nameEnd: Int, value: Range<Int>, end: Int, known: KnownField) {
    self.start = Int32(truncatingIfNeeded: start)
    self.nameEnd = Int32(truncatingIfNeeded: nameEnd)
    valueStart = Int32(truncatingIfNeeded: value.lowerBound)
    valueEnd = Int32(truncatingIfNeeded: value.upperBound)
    self.end = Int32(truncatingIfNeeded: end)
    self.known = known
  }

  /// The name, as sent.
  @inlinable package var name: ByteRange { ByteRange(Int(start), Int(nameEnd)) }
  /// The value without the blanks around it.
  @inlinable package var value: ByteRange { ByteRange(Int(valueStart), Int(valueEnd)) }
  /// The whole line with its CRLF; lines of one head lie side by side, so a run of them is one run of bytes.
  @inlinable package var line: ByteRange { ByteRange(Int(start), Int(end)) }
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
  /// What the first lines of the last section were called: those of the next one are likely to be called the same.
  private var guesses = InlineArray<16, KnownField>(repeating: .other)

  mutating func reset() { phase = .lineStart }

  /// Reads `input` from `cursor` up to `limit` and appends the lines that it completes, noting in `present` what they are. `cursor` ends after the last byte judged.
  mutating func scan(
    _ input: Span<UInt8>, _ cursor: inout Int, limit: Int, maxFields: Int, into fields: inout [FieldLine], present: inout KnownFieldSet
  ) -> FieldScan {
    var position = cursor
    defer { cursor = position }
    if phase == .lineStart {
      scanOrdinaryLines(input, &position, limit, maxFields: maxFields, into: &fields, &present)
      if limit &- position >= 2, input[position] == Octet.carriageReturn, input[position &+ 1] == Octet.lineFeed {
        position &+= 2
        return .complete
      }
    }
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
        } else {
          phase = .name
        }
      case .name:
        if let fault = scanName(input, &position, limit) { return .failed(fault) }
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
        present.insert(known)
        fields.append(completedLine(input, end: position))
        phase = .lineStart
        scanOrdinaryLines(input, &position, limit, maxFields: maxFields, into: &fields, &present)
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

  /// Lines that are all there and have nothing odd about them, each in one go, up to the first one that is otherwise: that one is left to the
  /// states.
  private mutating func scanOrdinaryLines(
    _ input: Span<UInt8>, _ cursor: inout Int, _ limit: Int, maxFields: Int, into fields: inout [FieldLine], _ present: inout KnownFieldSet
  ) {
    let table = KnownFieldTable.shared
    var isOrdinary = true
    while isOrdinary, fields.count < maxFields {
      let first = fields.count
      let room = min(maxFields &- first, 16)
      fields.append(addingCapacity: room) { lines in
        var rest = input.extracting(cursor..<limit)
        var found = present
        for index in first..<first &+ room {
          let guess = index < guesses.count ? guesses[index] : .other
          guard let line = FieldSectionScanner.ordinaryLine(&rest, limit, table, guess) else {
            isOrdinary = false
            break
          }
          if index < guesses.count { guesses[index] = line.known }
          found.insert(line.known)
          lines.append(line)
        }
        cursor = limit &- rest.count
        present = found
      }
    }
  }

  /// The line that `rest` begins with, taken off it. A known name needs no look at its bytes one by one: finding it in the table says that they
  /// are right.
  @inline(__always) private static func ordinaryLine(
    _ rest: inout Span<UInt8>, _ limit: Int, _ table: KnownFieldTable, _ guess: KnownField
  ) -> FieldLine? {
    var known = guess
    let nameCount: Int
    if let count = table.count(of: guess, before: Octet.colon, in: rest) {
      nameCount = count
    } else {
      // The section's end, most likely.
      guard rest.count > 0, rest[0] != Octet.carriageReturn else { return nil }
      guard let found = table.find(before: Octet.colon, in: rest) else { return nil }
      (known, nameCount) = found
      if case .other = known {
        guard nameCount > 0 else { return nil }
        for i in 0..<nameCount where !isTokenByte(rest[i]) { return nil }
      }
    }
    var tail = rest.extracting(droppingFirst: nameCount &+ 1)
    guard tail.count > 0 else { return nil }
    if tail[0] == Octet.space { tail = tail.extracting(droppingFirst: 1) }
    let valueCount = tail.count
    guard valueCount > 0, tail[0] != Octet.space else { return nil }
    if known.isOftenLong {
      Word.skipPairs(&tail) { (($0 &- Word.ones &* 0x20) | ($0 &+ Word.ones)) & ~$0 & Word.tops }
    }
    while tail.count >= 8 {
      let marks = unusualBytes(Word.leading(tail))
      if marks != 0 {
        tail = tail.extracting(droppingFirst: Word.firstIndex(marks))
        break
      }
      tail = tail.extracting(droppingFirst: 8)
    }
    while tail.count > 0, tail[0] >= 0x20, tail[0] != 0x7F { tail = tail.extracting(droppingFirst: 1) }
    guard tail.count >= 2, tail[0] == Octet.carriageReturn, tail[1] == Octet.lineFeed else { return nil }
    // There is no HTAB in the value, and what stands before it is no blank.
    if rest[rest.count &- tail.count &- 1] == Octet.space, tail.count < valueCount { return nil }
    let start = limit &- rest.count
    let end = limit &- tail.count
    rest = tail.extracting(droppingFirst: 2)
    return FieldLine(start: start, nameEnd: start &+ nameCount, value: limit &- valueCount..<end, end: end &+ 2, known: known)
  }

  /// Control bytes, HTAB among them; perhaps also `~` after 0xFF.
  @inline(__always) private static func unusualBytes(_ word: UInt64) -> UInt64 {
    ((word &- Word.ones &* 0x20) | (word &+ Word.ones)) & ~word & Word.tops
  }

  private mutating func scanName(_ input: Span<UInt8>, _ cursor: inout Int, _ limit: Int) -> FieldFault? {
    while cursor < limit, isTokenByte(input[cursor]) { cursor &+= 1 }
    guard cursor < limit else { return nil }
    switch input[cursor] {
    case Octet.colon:
      nameEnd = cursor
      known = KnownFieldTable.shared.find(input, lineStart..<cursor)
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
    return FieldLine(start: lineStart, nameEnd: nameEnd, value: valueStart..<valueEnd, end: end, known: known)
  }
}
