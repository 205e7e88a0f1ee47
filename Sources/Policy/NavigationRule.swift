/// Tells a person's browser that opens a page from a program's request: only the former is sent to a login page.
package enum NavigationRule {
  /// What `Sec-Fetch-Mode` (W3C Fetch Metadata) says.
  package enum FetchMode: Sendable, Equatable { case absent, navigate, other }

  /// Reads `Sec-Fetch-Mode`. `lines` counts the fields of that name; with several, nobody knows which is meant, and it is `other`.
  package static func fetchMode(_ value: Span<UInt8>, lines: Int) -> FetchMode {
    guard lines > 0 else { return .absent }
    return lines == 1 && equals(value, trimmed(value, 0..<value.count), navigate, ignoringCase: false) ? .navigate : .other
  }

  /// Whether one `Accept` field (RFC 9110, 12.5.1) names `text/html` itself, with a weight above zero; `*/*` and `text/*` do not.
  package static func namesHTML(_ accept: Span<UInt8>) -> Bool {
    var start = 0
    while start < accept.count {
      let end = offset(of: ASCII.comma, in: accept, start..<accept.count)
      let typeEnd = offset(of: ASCII.semicolon, in: accept, start..<end)
      if equals(accept, trimmed(accept, start..<typeEnd), html, ignoringCase: true), !hasZeroWeight(accept, typeEnd..<end) {
        return true
      }
      start = end + 1
    }
    return false
  }

  /// The rule, in its order: `Sec-Fetch-Mode`, where present, decides; a request with `X-Requested-With` is none; else a GET or HEAD whose
  /// `Accept` names `text/html` is one.
  package static func isNavigation(isGetOrHead: Bool, fetchMode: FetchMode, hasRequestedWith: Bool, acceptsHTML: Bool) -> Bool {
    switch fetchMode {
    case .navigate: true
    case .other: false
    case .absent: !hasRequestedWith && isGetOrHead && acceptsHTML
    }
  }

  /// `parameters` begins at the first `;` of a list element.
  private static func hasZeroWeight(_ accept: Span<UInt8>, _ parameters: Range<Int>) -> Bool {
    var start = parameters.lowerBound + 1
    while start < parameters.upperBound {
      let end = offset(of: ASCII.semicolon, in: accept, start..<parameters.upperBound)
      let parameter = trimmed(accept, start..<end)
      if parameter.count >= 3, ASCII.lower(accept[parameter.lowerBound]) == 0x71, accept[parameter.lowerBound + 1] == ASCII.equals {
        var isZero = true
        for index in parameter.lowerBound + 2..<parameter.upperBound
        where accept[index] != ASCII.zero && accept[index] != ASCII.dot { isZero = false }
        if isZero { return true }
      }
      start = end + 1
    }
    return false
  }

  /// The first `separator` that is not inside a quoted string (RFC 9110, 5.6.4), or the range's end.
  private static func offset(of separator: UInt8, in text: Span<UInt8>, _ range: Range<Int>) -> Int {
    var isQuoted = false
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = text[index]
      if byte == separator, !isQuoted { return index }
      if byte == ASCII.quote { isQuoted.toggle() }
      // A backslash takes the next byte with it.
      index += isQuoted && byte == ASCII.backslash ? 2 : 1
    }
    return range.upperBound
  }

  private static func trimmed(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, text[start] == ASCII.space || text[start] == 0x09 { start += 1 }
    while end > start, text[end - 1] == ASCII.space || text[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  private static func equals(_ text: Span<UInt8>, _ range: Range<Int>, _ expected: [UInt8], ignoringCase: Bool) -> Bool {
    guard range.count == expected.count else { return false }
    for offset in expected.indices {
      let byte = text[range.lowerBound + offset]
      guard (ignoringCase ? ASCII.lower(byte) : byte) == expected[offset] else { return false }
    }
    return true
  }

  private static let navigate = Array("navigate".utf8)
  private static let html = Array("text/html".utf8)
}
