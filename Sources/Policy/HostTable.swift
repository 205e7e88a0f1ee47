import Config

/// Which site a `Host` field chose.
package struct HostMatch: Sendable, Equatable {
  /// Index in the sites that the table was made from.
  package var site: Int
  /// The bytes of the given field that the wildcard stood for, as sent; `nil` where an exact name matched.
  package var label: Range<Int>?

  package init(site: Int, label: Range<Int>? = nil) {
    self.site = site
    self.label = label
  }
}

/// The sites by their hosts. An exact name wins over a wildcard; of two sites with the same host, the first has it.
package final class HostTable: Sendable {
  private let exact: ByteTable
  private let wildcards: ByteTable

  package init(sites: [Site]) {
    var exact: [(key: [UInt8], value: Int)] = []
    var wildcards: [(key: [UInt8], value: Int)] = []
    for (index, site) in sites.enumerated() {
      for host in site.hosts {
        switch host {
        case .exact(let name): exact.append((Self.withoutBrackets(Array(name.utf8)), index))
        case .wildcard(let rest): wildcards.append((Array(rest.utf8), index))
        }
      }
    }
    let fold = (0...UInt8.max).map(ASCII.lower)
    self.exact = ByteTable(exact, fold: fold)
    self.wildcards = ByteTable(wildcards, fold: fold)
  }

  /// The site of a `Host` field's value (RFC 9110, 7.2): case, one trailing dot and the port do not count. `nil` for a host that no site
  /// names, and for anything that is not one host with an optional numeric port.
  package func match(_ hostField: Span<UInt8>) -> HostMatch? {
    // 253 bytes of name, a dot, and a port, with room for brackets.
    guard hostField.count > 0, hostField.count <= 262 else { return nil }
    if hostField[0] == ASCII.leftBracket { return matchAddress(hostField) }
    var end = 0
    var firstDot = -1
    while end < hostField.count, hostField[end] != ASCII.colon {
      if firstDot < 0, hostField[end] == ASCII.dot { firstDot = end }
      end += 1
    }
    guard Self.isPort(hostField, from: end) else { return nil }
    if end > 0, hostField[end - 1] == ASCII.dot { end -= 1 }
    guard end > 0 else { return nil }
    if let site = exact.value(of: hostField, in: 0..<end) { return HostMatch(site: site) }
    guard firstDot > 0, firstDot + 1 < end, Self.isLabel(hostField, 0..<firstDot),
      let site = wildcards.value(of: hostField, in: firstDot + 1..<end)
    else { return nil }
    return HostMatch(site: site, label: 0..<firstDot)
  }

  private func matchAddress(_ hostField: Span<UInt8>) -> HostMatch? {
    var end = 1
    while end < hostField.count, hostField[end] != ASCII.rightBracket { end += 1 }
    guard end < hostField.count, Self.isPort(hostField, from: end + 1), let site = exact.value(of: hostField, in: 1..<end) else {
      return nil
    }
    return HostMatch(site: site)
  }

  /// Nothing, or a colon and digits (RFC 3986, 3.2.3: even none).
  private static func isPort(_ field: Span<UInt8>, from start: Int) -> Bool {
    guard start < field.count else { return true }
    guard field[start] == ASCII.colon else { return false }
    for index in start + 1..<field.count where !ASCII.isDigit(field[index]) { return false }
    return true
  }

  private static func isLabel(_ field: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count <= 63 else { return false }
    for index in range {
      let byte = field[index]
      guard ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.dash else { return false }
    }
    return true
  }

  private static func withoutBrackets(_ host: [UInt8]) -> [UInt8] {
    guard host.first == ASCII.leftBracket, host.last == ASCII.rightBracket else { return host }
    return Array(host.dropFirst().dropLast())
  }
}
