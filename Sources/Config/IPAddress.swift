/// A numeric IP address.
package struct IPAddress: Hashable, Sendable {
  /// 4 or 16 bytes; an IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) is 4.
  package let bytes: [UInt8]

  /// From text without brackets and without a zone (RFC 4291, section 2.2); `nil` for anything else.
  package init?(_ text: String) {
    guard let bytes = Self.parse4(text[...]) ?? Self.parse6(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// From 4 or 16 bytes in network order; `nil` for any other number.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let isMapped = bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    self.bytes = isMapped ? Array(bytes[12...]) : bytes
  }

  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes[15] == 1 && bytes[..<15].allSatisfy { $0 == 0 }
  }

  /// Loopback, link-local, or of a network that is not routed in public (RFC 1918, 3927, 4193, 4291 and 6598).
  var isPrivate: Bool {
    if isLoopback { return true }
    if bytes.count == 16 { return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }
    switch (bytes[0], bytes[1]) {
    case (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return true
    default: return false
    }
  }

  /// Four decimal numbers, none with a leading zero (some programs read those as octal).
  private static func parse4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard let number = ValueText.digits(part), number <= 255, part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0") else {
        return nil
      }
      bytes.append(UInt8(number))
    }
    return bytes
  }

  /// RFC 4291 section 2.2, with `::` and a dotted IPv4 ending.
  private static func parse6(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 45, text.utf8.contains(UInt8(ascii: ":")) else { return nil }
    var before: [UInt8] = []
    var after: [UInt8] = []
    var isCompressed = false
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    guard parts.count >= 3 else { return nil }
    if parts[0].isEmpty {
      guard parts[1].isEmpty else { return nil }
      parts = parts.dropFirst()
    }
    if parts[parts.endIndex - 1].isEmpty {
      guard parts.count >= 2, parts[parts.endIndex - 2].isEmpty else { return nil }
      parts = parts.dropLast()
    }
    for (index, part) in zip(parts.indices, parts) {
      if part.isEmpty {
        guard !isCompressed else { return nil }
        isCompressed = true
        continue
      }
      guard let group = parse6Group(part, isLast: index == parts.endIndex - 1) else { return nil }
      if isCompressed { after += group } else { before += group }
    }
    let count = before.count + after.count
    guard isCompressed ? count <= 14 : count == 16 else { return nil }
    return before + [UInt8](repeating: 0, count: 16 - count) + after
  }

  private static func parse6Group(_ part: Substring, isLast: Bool) -> [UInt8]? {
    if isLast, let bytes = parse4(part) { return bytes }
    // `UInt16` would take a sign.
    guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let number = UInt16(part, radix: 16)
    else {
      return nil
    }
    return [UInt8(number >> 8), UInt8(number & 0xFF)]
  }
}
