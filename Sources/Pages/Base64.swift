/// Base64 with padding (RFC 4648 section 4), for `data:` addresses.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let first = Int(bytes[index])
      let second = left > 1 ? Int(bytes[index + 1]) : 0
      let third = left > 2 ? Int(bytes[index + 2]) : 0
      text.append(alphabet[first >> 2])
      text.append(alphabet[(first & 3) << 4 | second >> 4])
      text.append(left > 1 ? alphabet[(second & 15) << 2 | third >> 6] : UInt8(ascii: "="))
      text.append(left > 2 ? alphabet[third & 63] : UInt8(ascii: "="))
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
