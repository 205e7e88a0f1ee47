/// One decoded field of a form.
package struct FormField: Sendable, Equatable {
  /// Decoded bytes; not checked to be UTF-8.
  package let name: [UInt8]
  package let value: [UInt8]
}

/// Reads `application/x-www-form-urlencoded` as the URL standard does: split at `&`, then at the first `=`, `+` is a blank, `%` without two hexadecimal
/// digits stands for itself. `nil` when there are more than `maxFields` fields.
package func parseURLEncodedForm(_ body: Span<UInt8>, maxFields: Int) -> [FormField]? {
  var fields: [FormField] = []
  var position = 0
  while position < body.count {
    let end = Word.firstOffset(of: Octet.ampersand, in: body, position..<body.count) ?? body.count
    if end > position {
      guard fields.count < maxFields else { return nil }
      let equals = Word.firstOffset(of: Octet.equals, in: body, position..<end)
      var name: [UInt8] = []
      var value: [UInt8] = []
      appendPercentDecoded(body.extracting(position..<(equals ?? end)), plusIsBlank: true, to: &name)
      if let equals { appendPercentDecoded(body.extracting(equals + 1..<end), plusIsBlank: true, to: &value) }
      fields.append(FormField(name: name, value: value))
    }
    position = end + 1
  }
  return fields
}

/// Appends `text` with `%XX` decoded once, and `+` as a blank if so wished. `%` without two hexadecimal digits stands for itself.
package func appendPercentDecoded(_ text: Span<UInt8>, plusIsBlank: Bool, to output: inout [UInt8]) {
  output.reserveCapacity(output.count + text.count)
  var position = 0
  while position < text.count {
    let byte = text[position]
    if byte == Octet.percent, position + 2 < text.count,
      let high = hexadecimalValue(text[position + 1]), let low = hexadecimalValue(text[position + 2])
    {
      output.append(high << 4 | low)
      position += 3
    } else {
      output.append(byte == Octet.plus && plusIsBlank ? Octet.space : byte)
      position += 1
    }
  }
}
