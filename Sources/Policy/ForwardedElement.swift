import Config

/// One element of a `Forwarded` field (RFC 7239, section 4): what one proxy says of the request that it got.
struct ForwardedElement: Equatable {
  /// Ranges of the bytes it was read from, without quotes.
  var client: Range<Int>?
  var proto: Range<Int>?
  var host: Range<Int>?

  /// `nil` for what is no element, one that names a parameter twice among them.
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var names: Set<String> = []
    var position = range.lowerBound
    while true {
      position = Self.skipBlanks(bytes, position, range.upperBound)
      if position < range.upperBound, bytes[position] != UInt8(ascii: ";") {
        guard let pair = Self.pair(bytes, position..<range.upperBound) else { return nil }
        let name = String(decoding: pair.name.map { ASCII.lower(bytes[$0]) }, as: UTF8.self)
        guard names.insert(name).inserted else { return nil }
        switch name {
        case "for": client = pair.value
        case "proto": proto = pair.value
        case "host": host = pair.value
        default: break
        }
        position = Self.skipBlanks(bytes, pair.end, range.upperBound)
      }
      if position == range.upperBound { return }
      guard bytes[position] == UInt8(ascii: ";") else { return nil }
      position += 1
    }
  }

  /// The elements of a field's line, found from its end: what stands at the end was written last, by the proxy that is believed most, and nothing
  /// that somebody wrote before it, such as a quote that is never closed, can change how it is read.
  static func ranges(_ bytes: Span<UInt8>, _ line: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var end = line.upperBound
    var isQuoted = false
    var position = line.upperBound
    while position > line.lowerBound {
      position -= 1
      switch bytes[position] {
      case UInt8(ascii: "\""):
        if !isQuoted || !isEscaped(bytes, position, line.lowerBound) { isQuoted.toggle() }
      case UInt8(ascii: ",") where !isQuoted:
        found.append(position + 1..<end)
        end = position
      default: break
      }
    }
    found.append(line.lowerBound..<end)
    return found.reversed()
  }

  private static func isEscaped(_ bytes: Span<UInt8>, _ position: Int, _ start: Int) -> Bool {
    var before = position
    while before > start, bytes[before - 1] == UInt8(ascii: "\\") { before -= 1 }
    return (position - before) % 2 == 1
  }

  /// `name=token` or `name="quoted"`. A value with a backslash is none that is used here: it comes back empty.
  private static func pair(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (name: Range<Int>, value: Range<Int>, end: Int)? {
    let equals = endOfToken(bytes, range)
    guard equals > range.lowerBound, equals + 1 < range.upperBound, bytes[equals] == UInt8(ascii: "=") else { return nil }
    let name = range.lowerBound..<equals
    let start = equals + 1
    guard bytes[start] == UInt8(ascii: "\"") else {
      let end = endOfToken(bytes, start..<range.upperBound)
      return end > start ? (name, start..<end, end) : nil
    }
    var position = start + 1
    var hasEscapes = false
    while position < range.upperBound, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        hasEscapes = true
        position += 1
      }
      position += 1
    }
    guard position < range.upperBound else { return nil }
    return (name, hasEscapes ? start..<start : start + 1..<position, position + 1)
  }

  private static func endOfToken(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var end = range.lowerBound
    while end < range.upperBound, isToken(bytes[end]) { end += 1 }
    return end
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    if ASCII.isLetter(byte) || ASCII.isDigit(byte) { return true }
    switch byte {
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: return true
    default: return false
    }
  }

  private static func skipBlanks(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var position = start
    while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    return position
  }
}
