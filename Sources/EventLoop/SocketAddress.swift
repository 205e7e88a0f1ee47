import Glibc

/// A numeric IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  // Network order; IPv4 uses the first four bytes.
  private var high: UInt64
  private var low: UInt64
  package let isIPv6: Bool
  package var port: UInt16
  private var scope: UInt32

  /// Parses a numeric address without brackets; `nil` for anything else.
  package init?(_ text: String, port: UInt16) {
    var v4 = in_addr()
    var v6 = in6_addr()
    // Safe: inet_pton writes into a value of the type that the family asks for.
    if unsafe inet_pton(AF_INET, text, &v4) == 1 {
      self.init(ipv4: v4, port: port)
    } else if unsafe inet_pton(AF_INET6, text, &v6) == 1 {
      self.init(ipv6: v6, port: port, scope: 0)
    } else {
      return nil
    }
  }

  private init(ipv4: in_addr, port: UInt16) {
    high = UInt64(ipv4.s_addr)
    low = 0
    isIPv6 = false
    scope = 0
    self.port = port
  }

  private init(ipv6: in6_addr, port: UInt16, scope: UInt32) {
    // Safe: both sides are 16 plain bytes.
    (high, low) = unsafe unsafeBitCast(ipv6, to: (UInt64, UInt64).self)
    isIPv6 = true
    self.scope = scope
    self.port = port
  }

  /// From the 4 or 16 bytes of an address in network order; `nil` for any other number.
  package init?(bytes: [UInt8], port: UInt16) {
    switch bytes.count {
    case 4:
      high = UInt64(UInt32(truncatingIfNeeded: Self.number(bytes[...])).bigEndian)
      low = 0
    case 16:
      high = Self.number(bytes[..<8]).bigEndian
      low = Self.number(bytes[8...]).bigEndian
    default: return nil
    }
    isIPv6 = bytes.count == 16
    scope = 0
    self.port = port
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  /// The 4 or 16 bytes of the address in network order.
  package var bytes: [UInt8] {
    if !isIPv6 {
      let number = UInt32(truncatingIfNeeded: high).bigEndian
      return (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
    }
    return [high.bigEndian, low.bigEndian].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) } }
  }

  init(_ storage: sockaddr_storage) {
    var storage = storage
    let family = Int32(storage.ss_family)
    // Safe: sockaddr_storage is as large and aligned as either; the family says which one it holds.
    self = unsafe withUnsafePointer(to: &storage) { pointer in
      if family == AF_INET6 {
        let address = unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { unsafe $0.pointee }
        return SocketAddress(ipv6: address.sin6_addr, port: UInt16(bigEndian: address.sin6_port), scope: address.sin6_scope_id)
      }
      let address = unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { unsafe $0.pointee }
      return SocketAddress(ipv4: address.sin_addr, port: UInt16(bigEndian: address.sin_port))
    }
  }

  func withSockaddr<R>(_ body: (UnsafeRawPointer, socklen_t) -> R) -> R {
    // Safe: the structure lives for the call, and its true size goes with it.
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = unsafe unsafeBitCast((high, low), to: in6_addr.self)
      address.sin6_scope_id = scope
      return unsafe body(&address, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(truncatingIfNeeded: high))
    return unsafe body(&address, socklen_t(MemoryLayout<sockaddr_in>.size))
  }

  /// The address without its port, and without brackets.
  package var host: String { String(decoding: hostText, as: UTF8.self) }

  /// `host` in ASCII.
  package var hostText: [UInt8] {
    guard isIPv6 else { return Self.dotted(UInt32(truncatingIfNeeded: high).bigEndian) }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    // Safe: the buffer is as long as inet_ntop is told, and the source is of the family's type.
    var address = unsafe unsafeBitCast((high, low), to: in6_addr.self)
    _ = unsafe inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
    return text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  // For each connection; inet_ntop goes through printf.
  private static func dotted(_ address: UInt32) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(15)
    for shift: UInt32 in [24, 16, 8, 0] {
      let part = UInt8(truncatingIfNeeded: address >> shift)
      if part >= 100 { text.append(48 + part / 100) }
      if part >= 10 { text.append(48 + part / 10 % 10) }
      text.append(48 + part % 10)
      if shift > 0 { text.append(UInt8(ascii: ".")) }
    }
    return text
  }

  /// `127.0.0.1:80` or `[::1]:80`
  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
