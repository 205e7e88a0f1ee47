/// A query parameter's name, and every spelling of it that some app would take for it.
struct ParameterName: Sendable, Equatable {
  enum Match: Equatable {
    case differs
    /// Exactly this name after one percent- and plus-decoding.
    case exact
    /// Not this name, but read as it by some app.
    case alias
  }

  private enum Verdict {
    case differs
    case matches
    /// What was read so far agrees, and then comes something that another decoding would change.
    case undecided
  }

  /// Decodings of one name; after these, a name that still agrees is taken for an alias.
  private static let maximumDecodings = 3

  private let exact: [UInt8]
  private let folded: [UInt8]
  /// Its bytes, where they stand in a query, are those of its one decoding as well.
  private let isPlain: Bool

  init(_ name: String) {
    exact = Array(name.utf8)
    isPlain = !exact.contains(ASCII.percent) && !exact.contains(ASCII.plus)
    folded = exact.compactMap { byte in
      switch byte {
      case ASCII.dot, ASCII.leftBracket, ASCII.space, 0x09...0x0D: ASCII.underscore
      case ASCII.rightBracket: nil
      default: ASCII.lower(byte)
      }
    }
  }

  /// How the name in `query[range]`, undecoded, compares. Allocates only where a name agrees up to a percent sign or a byte above 0x7F
  /// that is left after decoding.
  func match(_ query: Span<UInt8>, in range: Range<Int>) -> Match {
    guard !range.isEmpty, let initial = folded.first else { return .differs }
    if isPlain, isWritten(query.extracting(range)) { return .exact }
    let first = query[range.lowerBound]
    if ASCII.isLetter(first) || ASCII.isDigit(first), ASCII.lower(first) != initial { return .differs }
    if isExact(query, range) { return .exact }
    switch verdict(query, range) {
    case .differs: return .differs
    case .matches: return .alias
    case .undecided: return isAliasAfterFurtherDecoding(query, range) ? .alias : .differs
    }
  }

  private func isWritten(_ name: Span<UInt8>) -> Bool {
    guard name.count == exact.count else { return false }
    for index in name.indices where name[index] != exact[index] { return false }
    return true
  }

  private func isExact(_ query: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    for expected in exact {
      guard index < range.upperBound else { return false }
      let byte: UInt8
      if let decoded = ASCII.percentDecoded(query, at: index, end: range.upperBound) {
        byte = decoded
        index += 3
      } else {
        byte = query[index] == ASCII.plus ? ASCII.space : query[index]
        index += 1
      }
      guard byte == expected else { return false }
    }
    return index == range.upperBound
  }

  private func isAliasAfterFurtherDecoding(_ query: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var name = NameCursor.decoded(query, range)
    for _ in 1..<Self.maximumDecodings {
      switch verdict(name.span, 0..<name.count) {
      case .differs: return false
      case .matches: return true
      case .undecided:
        let next = NameCursor.decoded(name.span, 0..<name.count)
        if next == name { return false }
        name = next
      }
    }
    return true
  }

  /// One decoding, looked at as it stands and without the blanks that some apps trim from its front.
  private func verdict(_ text: Span<UInt8>, _ range: Range<Int>) -> Verdict {
    var cursor = NameCursor(range)
    let start = cursor
    var trimmed = cursor
    while let unit = cursor.next(text), unit != .end, unit.isTrimmable { trimmed = cursor }
    let verdict = verdict(text, from: trimmed)
    if trimmed.index == start.index || verdict == .matches { return verdict }
    let untrimmed = self.verdict(text, from: start)
    return untrimmed == .differs ? verdict : untrimmed
  }

  private func verdict(_ text: Span<UInt8>, from start: NameCursor) -> Verdict {
    var cursor = start
    var matched = 0
    while let unit = cursor.next(text) {
      let isComplete = matched == folded.count
      var byte = unit.byte
      switch unit {
      case .end: return isComplete ? .matches : .differs
      case .other, .percent: return .undecided
      case .leftBracket:
        // `name[0]`, `name[]`: an array of that name.
        if isComplete { return .matches }
        var following = cursor
        if following.next(text) == .rightBracket {
          cursor = following
          continue
        }
        byte = ASCII.underscore
      case .rightBracket: continue
      default:
        if isComplete, unit.isTrimmable { continue }
        if unit.isBlank || byte == ASCII.dot { byte = ASCII.underscore }
      }
      guard !isComplete, ASCII.lower(byte) == folded[matched] else { return .differs }
      matched += 1
    }
    return matched == folded.count ? .matches : .differs
  }
}

/// Walks over a name and gives its characters after one decoding, those that only look like ASCII as ASCII.
struct NameCursor {
  struct Unit: Equatable {
    var byte: UInt8
    /// Outside ASCII, and not taken for ASCII by anybody.
    var isOther = false

    /// A NUL: C programs read no further.
    static let end = Unit(byte: ASCII.nul)
    static let percent = Unit(byte: ASCII.percent)
    static let leftBracket = Unit(byte: ASCII.leftBracket)
    static let rightBracket = Unit(byte: ASCII.rightBracket)
    static let other = Unit(byte: 0xFF, isOther: true)

    var isBlank: Bool { !isOther && (byte == ASCII.space || (0x09...0x0D).contains(byte)) }

    /// Apps trim blanks and control bytes from a name, and a second question mark from a query.
    var isTrimmable: Bool { !isOther && (byte == ASCII.space || ASCII.isControl(byte) || byte == ASCII.question) }
  }

  private(set) var index: Int
  private let end: Int

  init(_ range: Range<Int>) {
    index = range.lowerBound
    end = range.upperBound
  }

  /// The next character; `nil` at the end.
  mutating func next(_ text: Span<UInt8>) -> Unit? {
    guard index < end else { return nil }
    if let codePoint = wideEscape(text) {
      index += 6
      return LookAlike.ascii(codePoint: codePoint).map { Unit(byte: $0) } ?? .other
    }
    let first = nextByte(text)
    guard first >= 0x80 else { return Unit(byte: first) }
    var cursor = self
    let second = cursor.index < end ? cursor.nextByte(text) : 0
    let afterSecond = cursor
    let third = cursor.index < end ? cursor.nextByte(text) : 0
    guard let match = LookAlike.match(first, second, third) else { return .other }
    self = match.length == 2 ? afterSecond : cursor
    return Unit(byte: match.ascii)
  }

  /// The bytes of the name after one percent- and plus-decoding.
  static func decoded(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var cursor = NameCursor(range)
    while cursor.index < cursor.end { result.append(cursor.nextByte(text)) }
    return result
  }

  /// An escaped plus is a blank too: an app that decodes twice makes it one.
  private mutating func nextByte(_ text: Span<UInt8>) -> UInt8 {
    let escaped = ASCII.percentDecoded(text, at: index, end: end)
    let byte = escaped ?? text[index]
    index += escaped == nil ? 1 : 3
    return byte == ASCII.plus ? ASCII.space : byte
  }

  /// `%uXXXX`, which classic ASP and JavaScript's old `escape` know.
  private func wideEscape(_ text: Span<UInt8>) -> UInt16? {
    guard index + 5 < end, text[index] == ASCII.percent, text[index + 1] | 0x20 == 0x75 else { return nil }
    var value: UInt16 = 0
    for offset in 2..<6 {
      guard let digit = ASCII.hexValue(text[index + offset]) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
