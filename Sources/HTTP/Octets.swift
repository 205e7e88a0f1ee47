/// The bytes that the grammar names (RFC 9110, section 5.6), as numbers.
enum Octet {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let numberSign: UInt8 = 0x23
  static let asterisk: UInt8 = 0x2A
  static let comma: UInt8 = 0x2C
  static let dash: UInt8 = 0x2D
  static let dot: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let zero: UInt8 = 0x30
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let question: UInt8 = 0x3F
  static let leftBracket: UInt8 = 0x5B
  static let rightBracket: UInt8 = 0x5D
}

/// One bit for each byte below 0x80 that may stand in a token: ! # $ % & ' * + - . 0-9 A-Z ^ _ ` a-z | ~
private let tokenBitsLow: UInt64 = 0x03FF_6CFA_0000_0000
private let tokenBitsHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE

/// Whether the byte may stand in a token (RFC 9110, section 5.6.2).
@inline(__always) package func isTokenByte(_ byte: UInt8) -> Bool {
  guard byte < 0x80 else { return false }
  return (byte < 0x40 ? tokenBitsLow : tokenBitsHigh) &>> UInt64(byte & 0x3F) & 1 == 1
}

// The same for the characters of a host's label: - 0-9 A-Z _ a-z ~
private let labelBitsLow: UInt64 = 0x03FF_2000_0000_0000
private let labelBitsHigh: UInt64 = 0x47FF_FFFE_87FF_FFFE

/// The unreserved characters (RFC 3986, section 2.3) less the dot.
@inline(__always) func isLabelByte(_ byte: UInt8) -> Bool {
  guard byte < 0x80 else { return false }
  return (byte < 0x40 ? labelBitsLow : labelBitsHigh) &>> UInt64(byte & 0x3F) & 1 == 1
}

/// HTAB, SP, VCHAR and obs-text: what a field value may hold.
@inline(__always) func isFieldValueByte(_ byte: UInt8) -> Bool {
  (byte >= 0x20 && byte != 0x7F) || byte == Octet.tab
}

@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte == Octet.space || byte == Octet.tab }

@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- Octet.zero < 10 }

@inline(__always) func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

@inline(__always) func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 26 }

/// The value of a hexadecimal digit, or `nil`.
@inline(__always) func hexadecimalValue(_ byte: UInt8) -> UInt8? {
  if isDigit(byte) { return byte &- Octet.zero }
  let letter = (byte | 0x20) &- 0x61
  return letter < 6 ? letter &+ 10 : nil
}

/// `range` without blanks at either end.
@inline(__always) func trimmingBlanks(_ range: Range<Int>, in bytes: Span<UInt8>) -> Range<Int> {
  var start = range.lowerBound
  var end = range.upperBound
  while start < end, isBlank(bytes[start]) { start &+= 1 }
  while end > start, isBlank(bytes[end &- 1]) { end &-= 1 }
  return start..<end
}

/// Whether the two spans hold the same ASCII text, without regard to case. Any length; allocates nothing.
package func equalIgnoringCase(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  for i in 0..<a.count where a[i] != b[i] && lowercased(a[i]) != lowercased(b[i]) { return false }
  return true
}

/// Whether `bytes` is `text`, which is ASCII, without regard to case.
package func equalIgnoringCase(_ bytes: Span<UInt8>, _ text: String) -> Bool {
  let utf8 = text.utf8
  return equalIgnoringCase(bytes, utf8.span)
}

/// Whether the two hold the same bytes.
package func isEqual(_ known: [UInt8], _ bytes: Span<UInt8>) -> Bool {
  guard known.count == bytes.count else { return false }
  var a = known.span
  var b = bytes
  while a.count >= 8, b.count >= 8 {
    guard Word.leading(a) == Word.leading(b) else { return false }
    a = a.extracting(droppingFirst: 8)
    b = b.extracting(droppingFirst: 8)
  }
  for i in 0..<a.count where a[i] != b[i] { return false }
  return true
}

/// A number that spreads spans over a table. Whoever chooses them can make them collide.
package func hash(_ bytes: Span<UInt8>) -> UInt64 {
  var hash = UInt64(truncatingIfNeeded: bytes.count)
  var rest = bytes
  while rest.count >= 8 {
    hash = (hash ^ Word.leading(rest)) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash &>> 32
    rest = rest.extracting(droppingFirst: 8)
  }
  var last: UInt64 = 0
  for i in 0..<rest.count { last = last &<< 8 | UInt64(rest[i]) }
  hash = (hash ^ last) &* 0x9E37_79B9_7F4A_7C15
  return hash ^ hash &>> 32
}
