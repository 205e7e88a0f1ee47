/// Whether a Content-Type value is `application/x-www-form-urlencoded`, in any case and with any parameters.
package func isURLEncodedForm(contentType value: Span<UInt8>) -> Bool { isMediaType(value, "application/x-www-form-urlencoded") }

/// Whether a Content-Type value is what browsers send forms as: `application/x-www-form-urlencoded`, or `multipart/form-data`.
package func isForm(contentType value: Span<UInt8>) -> Bool {
  isURLEncodedForm(contentType: value) || isMediaType(value, "multipart/form-data")
}

/// Whether a Content-Type value is `text/html`, written in an encoding that has ASCII's bytes for ASCII's characters.
package func isPlainHTML(contentType value: Span<UInt8>) -> Bool {
  guard isMediaType(value, "text/html") else { return false }
  // Of all that browsers read, only UTF-16 has others.
  var rest = value
  while rest.count >= 6 {
    if equalIgnoringCase(rest.extracting(first: 6), "utf-16") || equalIgnoringCase(rest.extracting(first: 6), "utf-32") { return false }
    rest = rest.extracting(droppingFirst: 1)
  }
  return true
}

/// Whether a Content-Type value is of this type, in any case and with any parameters.
private func isMediaType(_ value: Span<UInt8>, _ type: String) -> Bool {
  let end = Word.firstOffset(of: Octet.semicolon, in: value, 0..<value.count) ?? value.count
  return equalIgnoringCase(value.extracting(trimmingBlanks(0..<end, in: value)), type)
}
