/// Foreign text on its way into JSON.
package enum JSONText {
  /// The value as a JSON string with its quotation marks (RFC 8259 section 7). `<`, `>`, `&` and the two Unicode line separators are
  /// written as `\u` escapes too, so that nothing that takes the answer for HTML or JavaScript finds either. Cut at `limit` scalars.
  package static func quoted(_ value: String, limit: Int = 1024) -> String {
    var text = "\""
    for scalar in value.unicodeScalars.prefix(limit) {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
