/// Calls `body` for each cookie of a Cookie value, with the ranges of its name and its value in it (RFC 6265, section 5.4, read as tolerantly
/// as servers must): blanks around both are left out, empty parts are skipped, a part without `=` is a name with an empty value. Nothing is an error.
/// The whole part goes from the name's first byte to the value's last.
package func forEachCookie(in value: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
  var position = 0
  while position < value.count {
    var equals = position
    while equals < value.count, value[equals] != Octet.equals, value[equals] != Octet.semicolon { equals &+= 1 }
    let isPair = equals < value.count && value[equals] == Octet.equals
    let end = isPair ? Word.firstOffset(of: Octet.semicolon, in: value, equals..<value.count) ?? value.count : equals
    let part = trimmingBlanks(position..<end, in: value)
    position = end &+ 1
    if part.isEmpty || isPair && part.count == 1 { continue }
    if isPair {
      body(trimmingBlanks(part.lowerBound..<equals, in: value), trimmingBlanks(equals &+ 1..<part.upperBound, in: value))
    } else {
      body(part, part.upperBound..<part.upperBound)
    }
  }
}

extension [UInt8] {
  /// Appends a cookie as it was sent, after what parts it from another one where it is not the first.
  package mutating func appendCookie(_ cookie: Span<UInt8>, isFirst: Bool) {
    if !isFirst {
      append(Octet.semicolon)
      append(Octet.space)
    }
    append(copying: cookie)
  }
}
