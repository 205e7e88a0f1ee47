/// Calls `body` for each cookie of a Cookie value, with the ranges of its name and its value in it (RFC 6265, section 5.4, read as tolerantly
/// as servers must): blanks around both are left out, empty parts are skipped, a part without `=` is a name with an empty value. Nothing is an error.
package func forEachCookie(in value: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
  var position = 0
  while let part = nextCookiePart(value, &position) {
    let (name, content) = splitCookie(value, part)
    body(name, content)
  }
}

/// Appends a Cookie value to `output` without the cookies whose name `keeping` does not want; it gets the name's range in `value`, perhaps twice for the
/// same cookie. Byte for byte as sent when all stay; otherwise the rest is joined with `; `. Says whether it appended anything.
package func appendCookies(of value: Span<UInt8>, to output: inout [UInt8], keeping: (_ name: Range<Int>) -> Bool) -> Bool {
  var dropsAny = false
  var keepsAny = false
  var position = 0
  while let part = nextCookiePart(value, &position) {
    if keeping(splitCookie(value, part).name) { keepsAny = true } else { dropsAny = true }
  }
  guard keepsAny else { return false }
  guard dropsAny else {
    output.append(copying: value)
    return true
  }
  position = 0
  var isFirst = true
  while let part = nextCookiePart(value, &position) {
    guard keeping(splitCookie(value, part).name) else { continue }
    if !isFirst {
      output.append(Octet.semicolon)
      output.append(Octet.space)
    }
    isFirst = false
    output.append(copying: value.extracting(part))
  }
  return true
}

@inline(__always) private func nextCookiePart(_ value: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
  while position < value.count {
    let end = Word.firstOffset(of: Octet.semicolon, in: value, position..<value.count) ?? value.count
    let part = trimmingBlanks(position..<end, in: value)
    position = end &+ 1
    if part.count > 1 || (part.count == 1 && value[part.lowerBound] != Octet.equals) { return part }
  }
  return nil
}

@inline(__always) private func splitCookie(_ bytes: Span<UInt8>, _ part: Range<Int>) -> (name: Range<Int>, value: Range<Int>) {
  guard let equals = Word.firstOffset(of: Octet.equals, in: bytes, part) else { return (part, part.upperBound..<part.upperBound) }
  return (trimmingBlanks(part.lowerBound..<equals, in: bytes), trimmingBlanks(equals &+ 1..<part.upperBound, in: bytes))
}
