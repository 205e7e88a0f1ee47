/// Writes the fields of a line at a position in a buffer that has room for all of it. Whatever a client sent comes out without quotes or
/// backslashes of its own, so that no field can end early and no line can be forged.
enum FieldEncoding {
  /// Room that one more unit of output and the mark of a cut value need: a JSON surrogate pair and three dots.
  static let margin = 15

  @inline(__always)
  static func put(_ byte: UInt8, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    output[position] = byte
    position += 1
  }

  /// Our own text, which needs no escape.
  @inline(__always)
  static func put(_ text: StaticString, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    // Safe: a text of the program's own lives as long as the program.
    unsafe copy(text.utf8Start, text.utf8CodeUnitCount, &output, &position)
  }

  /// Bytes that need no escape.
  @inline(__always)
  static func put(_ text: Span<UInt8>, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    // Safe: the buffer is the span's own, and is used during the call only.
    unsafe text.withUnsafeBufferPointer { buffer in
      if let start = buffer.baseAddress { unsafe copy(start, buffer.count, &output, &position) }
    }
  }

  /// Copies one piece of memory; of a literal the compiler makes a few stores of constants.
  @inline(__always)
  private static func copy(_ start: UnsafePointer<UInt8>, _ count: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    precondition(position >= 0 && count <= output.count &- position)
    let offset = position
    // Safe: there is room for so many bytes, as was just looked at.
    unsafe output.withUnsafeMutableBufferPointer { room in
      if let first = room.baseAddress { unsafe (first + offset).update(from: start, count: count) }
    }
    position = offset &+ count
  }

  static func putDecimal(_ value: Int64, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    guard value < 100_000_000 else { return putLongDecimal(UInt64(value), &output, &position) }
    // The digits come from the last one on: each pushes those behind it one byte further.
    var word: UInt64 = 0
    var rest = UInt32(truncatingIfNeeded: max(0, value))
    var length = 0
    repeat {
      word = word &<< 8 | UInt64(48 &+ rest % 10)
      rest /= 10
      length &+= 1
    } while rest > 0
    putWord(word, count: length, &output, &position)
  }

  private static func putLongDecimal(_ value: UInt64, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    if value >= 10 { putLongDecimal(value / 10, &output, &position) }
    put(UInt8(truncatingIfNeeded: 48 + value % 10), &output, &position)
  }

  /// Milliseconds with three decimals.
  static func putMilliseconds(microseconds: Int64, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    let value = max(0, microseconds)
    putDecimal(value / 1000, &output, &position)
    let fraction = UInt64(value % 1000)
    let digits = (48 + fraction / 100) | (48 + fraction / 10 % 10) << 8 | (48 + fraction % 10) << 16
    putWord(UInt64(UInt8(ascii: ".")) | digits << 8, count: 4, &output, &position)
  }

  /// A value in text form: blanks, quotes, backslashes, control and non-ASCII bytes as `\xNN`; nothing as `-`, and a lone `-` escaped, so
  /// that the two differ. At most `limit` bytes come out; a longer value ends in `...`.
  static func putText(_ value: Span<UInt8>, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    if value.isEmpty {
      put(UInt8(ascii: "-"), &output, &position)
    } else if value.count == 1, value[0] == UInt8(ascii: "-") {
      putHexEscape(value[0], &output, &position)
    } else if !putPlain(value, least: 0x21, limit: limit, &output, &position) {
      _ = putEscaped(value, 0..<value.count, .text, end: position + limit, &output, &position)
    }
  }

  /// A value as a JSON string; nothing as `null`. At most `limit` bytes come out between the quotes; a longer value ends in `...`.
  static func putJSON(_ value: Span<UInt8>, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    if value.isEmpty {
      put("null", &output, &position)
      return
    }
    put(UInt8(ascii: "\""), &output, &position)
    if !putPlain(value, least: 0x20, limit: limit, &output, &position) {
      _ = putEscaped(value, 0..<value.count, .json, end: position + limit, &output, &position)
    }
    put(UInt8(ascii: "\""), &output, &position)
  }

  /// The content of a JSON string in which letters of every script show as they are (`PrintableText`). At most `limit` bytes come out; a
  /// longer value ends in `...`.
  @inline(never)
  static func putPrintable(_ value: Span<UInt8>, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    if !putPlain(value, least: 0x20, limit: limit, &output, &position) { putUncommon(value, limit: limit, &output, &position) }
  }

  @inline(never)
  private static func putUncommon(_ value: Span<UInt8>, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    var text: [UInt8] = []
    PrintableText.append(value, limit: limit, style: .json, to: &text)
    put(text.span, &output, &position)
  }

  /// The path of a request target up to its query. A segment that has six or more digits once it is percent-decoded becomes `*`: it may
  /// be somebody's record number.
  static func putMaskedPath(
    _ target: Span<UInt8>, _ style: Style, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int
  ) {
    let end = position + limit
    if target.isEmpty { put(UInt8(ascii: "-"), &output, &position) }
    var index = 0
    while index < target.count, !endsPath(target[index]) {
      if position + margin > end {
        putCutMark(&output, &position)
        return
      }
      if target[index] == UInt8(ascii: "/") {
        put(target[index], &output, &position)
        index += 1
        continue
      }
      let segment = segmentRange(of: target, from: index)
      if segment.hasManyDigits {
        put(UInt8(ascii: "*"), &output, &position)
      } else if !putPlain(target.extracting(segment.range), least: 0x21, limit: end - position, &output, &position),
        !putEscaped(target, segment.range, style, end: end, &output, &position)
      {
        return
      }
      index = segment.range.upperBound
    }
  }

  enum Style { case text, json }

  // MARK: Parts

  @inline(__always)
  private static func endsPath(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }

  private static func segmentRange(of target: Span<UInt8>, from start: Int) -> (range: Range<Int>, hasManyDigits: Bool) {
    var digits = 0
    var index = start
    while index < target.count {
      let byte = target[index]
      if byte == UInt8(ascii: "/") || endsPath(byte) { break }
      if byte == UInt8(ascii: "%"), index + 2 < target.count, let high = hexValue(target[index + 1]), let low = hexValue(target[index + 2])
      {
        if high == 3, low <= 9 { digits += 1 }
        index += 3
      } else {
        if isDigit(byte) { digits += 1 }
        index += 1
      }
    }
    return (start..<index, digits >= 6)
  }

  /// False when the value was cut.
  private static func putEscaped(
    _ value: Span<UInt8>, _ range: Range<Int>, _ style: Style, end: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int
  ) -> Bool {
    var index = range.lowerBound
    let last = end - margin
    while index < range.upperBound {
      if position > last {
        putCutMark(&output, &position)
        return false
      }
      let byte = value[index]
      if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        put(byte, &output, &position)
        index += 1
      } else if style == .text {
        putHexEscape(byte, &output, &position)
        index += 1
      } else {
        index += putJSONEscape(value, index, range.upperBound, &output, &position)
      }
    }
    return true
  }

  private static func putCutMark(_ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    for _ in 0..<3 { put(UInt8(ascii: "."), &output, &position) }
  }

  private static func putHexEscape(_ byte: UInt8, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    put(UInt8(ascii: "\\"), &output, &position)
    put(UInt8(ascii: "x"), &output, &position)
    put(hexDigit(UInt32(byte >> 4)), &output, &position)
    put(hexDigit(UInt32(byte & 15)), &output, &position)
  }

  /// Escapes one character and returns how many bytes it took; what is no UTF-8 becomes U+FFFD, byte by byte.
  private static func putJSONEscape(
    _ value: Span<UInt8>, _ index: Int, _ end: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int
  ) -> Int {
    let byte = value[index]
    if byte == UInt8(ascii: " ") {
      put(byte, &output, &position)
      return 1
    }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
      put(UInt8(ascii: "\\"), &output, &position)
      put(byte, &output, &position)
      return 1
    }
    let (scalar, length) = byte < 0x80 ? (UInt32(byte), 1) : scalar(of: value, at: index, end: end)
    if scalar < 0x10000 {
      putUnicodeEscape(scalar, &output, &position)
    } else {
      putUnicodeEscape(0xD800 + (scalar - 0x10000) >> 10, &output, &position)
      putUnicodeEscape(0xDC00 + (scalar - 0x10000) & 0x3FF, &output, &position)
    }
    return length
  }

  private static func putUnicodeEscape(_ unit: UInt32, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    put(UInt8(ascii: "\\"), &output, &position)
    put(UInt8(ascii: "u"), &output, &position)
    for shift: UInt32 in [12, 8, 4, 0] { put(hexDigit(unit >> shift & 15), &output, &position) }
  }

  /// The scalar that begins at a non-ASCII byte, by RFC 3629; U+FFFD of length 1 where none does.
  private static func scalar(of value: Span<UInt8>, at index: Int, end: Int) -> (scalar: UInt32, length: Int) {
    let first = value[index]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first <= 0xF4, index + length <= end else { return (0xFFFD, 1) }
    var scalar = UInt32(first) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for next in index + 1..<index + length {
      guard value[next] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(value[next] & 0x3F)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard scalar >= smallest, Unicode.Scalar(scalar) != nil else { return (0xFFFD, 1) }
    return (scalar, length)
  }

  @inline(__always)
  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func hexDigit(_ value: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: value < 10 ? 48 + value : 87 + value)
  }
}
