/// Foreign text on its way into HTML.
package enum HTMLText {
  /// Escapes `&`, `<`, `>`, `"` and `'`, so that the result can stand as text or inside a quoted attribute value (HTML Standard 13.1.2).
  /// Control characters, line separators and marks that turn the direction of writing are dropped; what is longer than `limit` Unicode
  /// scalars is cut.
  package static func escape(_ value: String, limit: Int = 1024) -> String {
    var escaped = ""
    append(value, limit: limit, to: &escaped)
    return escaped
  }

  static func append(_ value: String, limit: Int, to text: inout String) {
    var room = limit
    for scalar in value.unicodeScalars where !isDropped(scalar) {
      guard room > 0 else { return }
      room -= 1
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F: true
    case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
