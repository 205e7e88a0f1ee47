/// One JSON object on one line, its members in the order in which they are added. For cold paths: records and events.
struct JSONLine {
  private(set) var bytes: [UInt8]

  init() {
    bytes = []
    bytes.reserveCapacity(512)
    bytes.append(UInt8(ascii: "{"))
  }

  mutating func add(_ name: String, _ value: String?, limit: Int) {
    addName(name)
    guard let value else { return bytes.append(contentsOf: "null".utf8) }
    bytes.append(UInt8(ascii: "\""))
    PrintableText.append(value, limit: limit, style: .json, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ name: String, number value: Int?) {
    addName(name)
    bytes.append(contentsOf: (value.map { String($0) } ?? "null").utf8)
  }

  /// Closes the object and the line.
  consuming func finished() -> [UInt8] {
    bytes.append(contentsOf: "}\n".utf8)
    return bytes
  }

  private mutating func addName(_ name: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    PrintableText.append(name, limit: 128, style: .json, to: &bytes)
    bytes.append(contentsOf: "\":".utf8)
  }
}

/// Text that stays on its line and shows as it is: letters of every script pass; control characters, line and paragraph separators, and
/// the invisible marks that reorder or hide what follows are escaped.
enum PrintableText {
  enum Style {
    /// JSON string content: `\u00NN` escapes.
    case json
    /// `\xNN` and `\u{N…}` escapes, for text in double quotes or without.
    case text
  }

  /// `limit`: bytes of output; a longer text is cut between characters and ends in `...`.
  static func append(_ text: String, limit: Int, style: Style, to bytes: inout [UInt8]) {
    let end = bytes.count + limit
    for scalar in text.unicodeScalars {
      if bytes.count + 15 > end {
        bytes.append(contentsOf: "...".utf8)
        return
      }
      if scalar == "\"" || scalar == "\\" {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: scalar))
      } else if needsEscape(scalar) {
        appendEscape(scalar.value, style, to: &bytes)
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }

  /// The same of bytes that may be no UTF-8: what is none becomes U+FFFD.
  static func append(_ text: Span<UInt8>, limit: Int, style: Style, to bytes: inout [UInt8]) {
    var copy: [UInt8] = []
    for index in text.indices { copy.append(text[index]) }
    append(String(decoding: copy, as: UTF8.self), limit: limit, style: style, to: &bytes)
  }

  static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
    case .spaceSeparator: scalar != " "
    default: false
    }
  }

  private static func appendEscape(_ value: UInt32, _ style: Style, to bytes: inout [UInt8]) {
    switch style {
    case .text:
      let digits = String(value, radix: 16)
      bytes.append(contentsOf: (value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}").utf8)
    case .json where value >= 0x10000:
      appendEscape(0xD800 + (value - 0x10000) >> 10, .json, to: &bytes)
      appendEscape(0xDC00 + (value - 0x10000) & 0x3FF, .json, to: &bytes)
    case .json:
      let digits = String(value, radix: 16)
      bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits).utf8)
    }
  }
}
