import Session

/// The network that a client's address counts for, in the login throttle and elsewhere: an IPv4 address, or the /64 of an IPv6 address, which is what one
/// household or office usually has.
package struct ClientNetwork: Hashable, Sendable {
  /// 4 or 6.
  let family: UInt8
  let prefix: UInt64

  init(family: UInt8, prefix: UInt64) {
    self.family = family
    self.prefix = prefix
  }

  /// The same for the same network, and for no other.
  package var bytes: [UInt8] {
    var writer = SealedWriter(capacity: 9)
    writer.write(family)
    writer.write(prefix)
    return writer.bytes
  }

  /// From the 4 or 16 bytes of an address in network order; `nil` for any other number. An IPv4-mapped IPv6 address counts as IPv4.
  package init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.init(family: 4, prefix: Self.number(bytes[...]))
    case 16 where bytes.prefix(10).allSatisfy({ $0 == 0 }) && bytes[10] == 0xFF && bytes[11] == 0xFF:
      self.init(family: 4, prefix: Self.number(bytes[12...]))
    case 16: self.init(family: 6, prefix: Self.number(bytes[..<8]))
    default: return nil
    }
  }

  /// From an address in text (RFC 4291, section 2.2), without brackets and port; an IPv6 zone is left out of account.
  package init?(text: String) {
    let address = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
    guard address.utf8.count <= 45, let bytes = address.contains(":") ? Self.ipv6(address) : Self.ipv4(address) else { return nil }
    self.init(bytes: bytes)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  private static func ipv4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func ipv6(_ text: Substring) -> [UInt8]? {
    guard let gap = text.firstRange(of: "::") else {
      guard let bytes = groups(text, isEnd: true), bytes.count == 16 else { return nil }
      return bytes
    }
    let head = text[..<gap.lowerBound]
    let tail = text[gap.upperBound...]
    guard let front = head.isEmpty ? [] : groups(head, isEnd: false), let back = tail.isEmpty ? [] : groups(tail, isEnd: true),
      front.count + back.count <= 14
    else {
      return nil
    }
    return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
  }

  /// Groups of four digits; at the end of an address the last two may be an IPv4 address.
  private static func groups(_ text: Substring, isEnd: Bool) -> [UInt8]? {
    let groups = text.split(separator: ":", omittingEmptySubsequences: false)
    guard groups.count <= 8 else { return nil }
    var bytes: [UInt8] = []
    for (index, group) in groups.enumerated() {
      if isEnd, group.contains("."), index == groups.count - 1 {
        guard let tail = ipv4(group) else { return nil }
        bytes += tail
      } else {
        guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
          let value = UInt16(group, radix: 16)
        else { return nil }
        bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
    }
    return bytes
  }
}
