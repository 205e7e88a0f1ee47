/// The name that a client asks for in its first message (RFC 6066, section 3).
enum ServerName {
  /// The host name in a `server_name` extension, in lower case and without a final dot; `nil` if it is none that a certificate could have.
  static func parse(_ bytes: Span<UInt8>) -> [UInt8]? {
    guard bytes.count >= 5, Int(bytes[0]) << 8 | Int(bytes[1]) == bytes.count - 2, bytes[2] == 0 else { return nil }
    var count = Int(bytes[3]) << 8 | Int(bytes[4])
    guard count > 0, count <= bytes.count - 5 else { return nil }
    if bytes[5 + count - 1] == UInt8(ascii: ".") { count -= 1 }
    guard (1...253).contains(count) else { return nil }
    var name: [UInt8] = []
    name.reserveCapacity(count)
    for index in 5..<5 + count {
      let byte = bytes[index]
      guard byte > 0x20, byte < 0x7F else { return nil }
      name.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
    }
    return name
  }
}

/// What was agreed on over TLS (RFC 7301).
enum Protocols {
  /// The one protocol that is spoken.
  static let own = [UInt8]("http/1.1".utf8)

  /// Where `own` stands in a client's list; `nil` if it is not in it, or the list is none.
  static func find(in list: Span<UInt8>) -> Range<Int>? {
    var index = 0
    while index < list.count {
      let count = Int(list[index])
      let start = index + 1
      guard count > 0, start + count <= list.count else { return nil }
      if count == own.count, (0..<count).allSatisfy({ list[start + $0] == own[$0] }) { return start..<start + count }
      index = start + count
    }
    return nil
  }
}
