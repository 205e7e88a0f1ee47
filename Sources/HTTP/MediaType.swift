/// Whether a Content-Type value is `application/x-www-form-urlencoded`, in any case and with any parameters.
package func isURLEncodedForm(contentType value: Span<UInt8>) -> Bool {
  let end = Word.firstOffset(of: Octet.semicolon, in: value, 0..<value.count) ?? value.count
  return equalIgnoringCase(value.extracting(trimmingBlanks(0..<end, in: value)), "application/x-www-form-urlencoded")
}
