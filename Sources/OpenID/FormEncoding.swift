/// `application/x-www-form-urlencoded`, written so that those who read it as a query and those who read it as a form find the same (RFC 6749,
/// appendix B): all but the unreserved characters of RFC 3986 escaped, blanks too.
enum FormEncoding {
  static func append(_ text: String, to output: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
  }

  static func encoded(_ text: String) -> String {
    var output: [UInt8] = []
    append(text, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// `a=b&c=d`
  static func encoded(_ pairs: [(name: String, value: String)]) -> [UInt8] {
    var output: [UInt8] = []
    for (name, value) in pairs {
      if !output.isEmpty { output.append(UInt8(ascii: "&")) }
      append(name, to: &output)
      output.append(UInt8(ascii: "="))
      append(value, to: &output)
    }
    return output
  }

  /// Name and value of each pair; `nil` for more than `limit` of them, an escape that is none, or text that is not UTF-8.
  static func decoded(_ bytes: [UInt8], limit: Int) -> [(name: String, value: String)]? {
    var pairs: [(name: String, value: String)] = []
    for part in bytes.split(separator: UInt8(ascii: "&")) {
      guard pairs.count < limit else { return nil }
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = decodedText(part[..<equals]), let value = decodedText(part[equals...].dropFirst()) else { return nil }
      pairs.append((name, value))
    }
    return pairs
  }

  private static func decodedText(_ bytes: ArraySlice<UInt8>) -> String? {
    var output: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): output.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        output.append(high << 4 | low)
      default: output.append(byte)
      }
    }
    return String(validating: output, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
  }
}
