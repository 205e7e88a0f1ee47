/// base64url without padding (RFC 4648, section 5), strict: one encoding for each value.
package enum Base64URL {
  private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
    return table
  }()

  /// The text for `bytes`.
  package static func encode(_ bytes: [UInt8]) -> String {
    String(decoding: encodeBytes(bytes), as: UTF8.self)
  }

  /// The text for `bytes`, as ASCII bytes.
  package static func encodeBytes(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count * 4 + 2) / 3)
    var accumulator: UInt32 = 0
    var bits = 0
    for byte in bytes {
      accumulator = accumulator << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        output.append(alphabet[Int(accumulator >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { output.append(alphabet[Int(accumulator << UInt32(6 - bits) & 63)]) }
    return output
  }

  /// The bytes of `text`; `nil` for a character outside the alphabet, an impossible length, or bits that `encode` would not have set.
  package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    guard text.count % 4 != 1 else { return nil }
    let table = values
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 3 / 4)
    var accumulator: UInt32 = 0
    var bits = 0
    for i in 0..<text.count {
      let value = table[Int(text[i])]
      guard value != 0xFF else { return nil }
      accumulator = accumulator << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
      }
    }
    guard accumulator & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return output
  }

  /// The bytes of `text`, as for the span.
  package static func decode(_ text: String) -> [UInt8]? { decode([UInt8](text.utf8).span) }
}
