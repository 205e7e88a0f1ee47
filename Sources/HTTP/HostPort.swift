/// Splits `host`, `host:port`, `1.2.3.4`, `[::1]` or `[::1]:443` (RFC 3986, sections 3.2.2 and 3.2.3). The host's range includes the brackets of an
/// IPv6 literal and a final dot. `nil` for anything else: empty, user information, percent-encoding, zone identifiers, an empty label,
/// more than 255 bytes, a port that is empty, zero or over 65535.
package func splitHostPort(_ authority: Span<UInt8>) -> (host: Range<Int>, port: Int?)? {
  guard !authority.isEmpty, authority.count <= 255 + 6 else { return nil }
  let hostEnd: Int
  if authority[0] == Octet.leftBracket {
    guard let bracket = Word.firstOffset(of: Octet.rightBracket, in: authority, 0..<authority.count) else { return nil }
    guard isIPv6Address(authority, 1..<bracket) else { return nil }
    hostEnd = bracket + 1
  } else {
    guard let end = endOfRegisteredName(authority) else { return nil }
    hostEnd = end
  }
  guard hostEnd <= 255 else { return nil }
  if hostEnd == authority.count { return (0..<hostEnd, nil) }
  guard authority[hostEnd] == Octet.colon, let port = parsePort(authority, hostEnd + 1) else { return nil }
  return (0..<hostEnd, port)
}

/// Labels of unreserved characters, none of them empty; a dot may end the name.
private func endOfRegisteredName(_ authority: Span<UInt8>) -> Int? {
  var endsLabel = false
  var end = authority.count
  for position in authority.indices {
    let byte = authority[position]
    // Most are small letters.
    if byte &- 0x61 < 26 || isLabelByte(byte) {
      endsLabel = true
    } else if byte == Octet.dot {
      guard endsLabel else { return nil }
      endsLabel = false
    } else {
      guard byte == Octet.colon else { return nil }
      end = position
      break
    }
  }
  return end > 0 ? end : nil
}

private func parsePort(_ authority: Span<UInt8>, _ start: Int) -> Int? {
  guard authority.count - start <= 5, let port = parseDecimal(authority, start..<authority.count) else { return nil }
  return (1...65535).contains(port) ? Int(port) : nil
}

/// The textual form of RFC 4291, section 2.2, with at most one `::` and perhaps a dotted IPv4 address at the end.
private func isIPv6Address(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
  var groups = 0
  var compressed = false
  var position = range.lowerBound
  let end = range.upperBound
  if position + 1 < end, bytes[position] == Octet.colon {
    guard bytes[position + 1] == Octet.colon else { return false }
    compressed = true
    position += 2
  }
  while position < end {
    let start = position
    while position < end, hexadecimalValue(bytes[position]) != nil { position += 1 }
    if position < end, bytes[position] == Octet.dot {
      guard isIPv4Address(bytes, start..<end) else { return false }
      groups += 2
      position = end
      break
    }
    guard (1...4).contains(position - start) else { return false }
    groups += 1
    if position == end { break }
    guard bytes[position] == Octet.colon else { return false }
    position += 1
    guard position < end else { return false }
    if bytes[position] == Octet.colon {
      guard !compressed else { return false }
      compressed = true
      position += 1
    }
  }
  return compressed ? groups <= 7 : groups == 8
}

private func isIPv4Address(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
  var parts = 0
  var position = range.lowerBound
  while true {
    let start = position
    while position < range.upperBound, isDigit(bytes[position]) { position += 1 }
    guard (1...3).contains(position - start), let value = parseDecimal(bytes, start..<position), value <= 255 else { return false }
    if position - start > 1, bytes[start] == Octet.zero { return false }
    parts += 1
    if position == range.upperBound { return parts == 4 }
    guard bytes[position] == Octet.dot, parts < 4 else { return false }
    position += 1
  }
}
