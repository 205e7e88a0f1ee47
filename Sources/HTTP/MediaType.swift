/// Whether a Content-Type value is `application/x-www-form-urlencoded`, in any case and with any parameters.
package func isURLEncodedForm(contentType value: Span<UInt8>) -> Bool {
  let end = Word.firstOffset(of: Octet.semicolon, in: value, 0..<value.count) ?? value.count
  return equalIgnoringCase(value.extracting(trimmingBlanks(0..<end, in: value)), "application/x-www-form-urlencoded")
}

/// Whether an Accept value has a media range that is `text/html` itself, not a wildcard, with a weight other than zero (RFC 9110, section 12.5.1).
package func acceptNamesHTML(_ value: Span<UInt8>) -> Bool {
  var position = 0
  while position < value.count {
    let end = endOfQuotedListElement(value, from: position)
    var parameter = Word.firstOffset(of: Octet.semicolon, in: value, position..<end) ?? end
    let type = trimmingBlanks(position..<parameter, in: value)
    if type.count == 9, Tokens.textHTML.equals(anyCase: value, type) {
      var hasZeroWeight = false
      while parameter < end {
        let next = Word.firstOffset(of: Octet.semicolon, in: value, parameter + 1..<end) ?? end
        if isZeroWeight(value, trimmingBlanks(parameter + 1..<next, in: value)) { hasZeroWeight = true }
        parameter = next
      }
      if !hasZeroWeight { return true }
    }
    position = end + 1
  }
  return false
}

/// The next comma that is not inside a quoted string.
private func endOfQuotedListElement(_ value: Span<UInt8>, from start: Int) -> Int {
  var position = start
  var quoted = false
  while position < value.count {
    let byte = value[position]
    if quoted, byte == Octet.backslash {
      position += 1
    } else if byte == Octet.quote {
      quoted.toggle()
    } else if byte == Octet.comma, !quoted {
      return position
    }
    position += 1
  }
  return value.count
}

/// `q=0`, `q=0.`, `q=0.0` and so on.
private func isZeroWeight(_ value: Span<UInt8>, _ parameter: Range<Int>) -> Bool {
  guard parameter.count >= 3, lowercased(value[parameter.lowerBound]) == 0x71, value[parameter.lowerBound + 1] == Octet.equals else {
    return false
  }
  for (index, offset) in (parameter.lowerBound + 2..<parameter.upperBound).enumerated() {
    let expected = index == 1 ? Octet.dot : Octet.zero
    guard value[offset] == expected else { return false }
  }
  return true
}
