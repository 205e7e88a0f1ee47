/// Calls `body` for each cookie of a Cookie value, with the ranges of its name and its value in it (RFC 6265, section 5.4, read as tolerantly
/// as servers must): blanks around both are left out, empty parts are skipped, a part without `=` is a name with an empty value. Nothing is an error.
/// The whole part goes from the name's first byte to the value's last.
package func forEachCookie(in value: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
  var position = 0
  while position < value.count {
    var start = position
    while start < value.count, isBlank(value[start]) { start &+= 1 }
    let rest = value.extracting(droppingFirst: start)
    let nameCount = Word.count(
      of: rest, until: { Word.bytes(equalTo: Octet.equals, in: $0) | Word.bytes(equalTo: Octet.semicolon, in: $0) },
      { $0 == Octet.equals || $0 == Octet.semicolon })
    var nameEnd = start &+ nameCount
    var end = nameEnd
    let isPair = nameEnd < value.count && value[nameEnd] == Octet.equals
    if isPair { end &+= Word.longCount(of: rest.extracting(droppingFirst: nameCount), before: Octet.semicolon) }
    position = end &+ 1
    while end > start, isBlank(value[end &- 1]) { end &-= 1 }
    if isPair {
      guard end &- start > 1 else { continue }
      var contentStart = nameEnd &+ 1
      while contentStart < end, isBlank(value[contentStart]) { contentStart &+= 1 }
      while nameEnd > start, isBlank(value[nameEnd &- 1]) { nameEnd &-= 1 }
      body(start..<nameEnd, contentStart..<end)
    } else if end > start {
      body(start..<end, end..<end)
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
