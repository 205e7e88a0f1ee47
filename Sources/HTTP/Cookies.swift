/// Calls `body` for each cookie of a Cookie value, with the ranges of its name and its value in it (RFC 6265, section 5.4, read as tolerantly
/// as servers must): blanks around both are left out, empty parts are skipped, a part without `=` is a name with an empty value. Nothing is an error.
/// The whole part goes from the name's first byte to the value's last.
package func forEachCookie(in value: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
  var position = 0
  while position < value.count {
    let rest = value.extracting(position..<value.count)
    let nameCount = Word.count(
      of: rest, until: { Word.bytes(equalTo: Octet.equals, in: $0) | Word.bytes(equalTo: Octet.semicolon, in: $0) },
      { $0 == Octet.equals || $0 == Octet.semicolon })
    let equals = position &+ nameCount
    let isPair = nameCount < rest.count && rest[nameCount] == Octet.equals
    var end = equals
    if isPair {
      let content = rest.extracting(droppingFirst: nameCount)
      end &+= Word.longCount(of: content, until: { Word.bytes(equalTo: Octet.semicolon, in: $0) }, { $0 == Octet.semicolon })
    }
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
    append(addingCapacity: cookie.count + 2) { output in
      if !isFirst {
        output.append(Octet.semicolon)
        output.append(Octet.space)
      }
      output.append(copying: cookie)
    }
  }
}
