import Config
import Testing

@testable import Gateway

@Suite struct ProxyHeaderTests {
  static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x67, 0x01, 0xBB]
  static let ipv6: [UInt8] =
    [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 1, count: 16) + [0, 80, 1, 0xBB]

  /// A header of version 2.
  static func block(command: UInt8 = 0x21, family: UInt8 = 0x11, _ rest: [UInt8], count: Int? = nil) -> [UInt8] {
    let count = count ?? rest.count
    return signature + [command, family, UInt8(count >> 8), UInt8(count & 0xFF)] + rest
  }

  private func read(_ bytes: [UInt8]) -> ProxyHeader.Outcome { ProxyHeader.read(bytes.span) }
  private func client(_ text: String, _ port: UInt16) throws -> ProxyHeader { .client(try #require(IPAddress(text)), port: port) }

  private func isMalformed(_ bytes: [UInt8]) -> Bool {
    if case .malformed = read(bytes) { return true }
    return false
  }

  /// Every beginning of a header is incomplete, and what follows it does not matter.
  private func expect(_ header: ProxyHeader, of bytes: [UInt8]) {
    for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == .incomplete, "\(count) bytes") }
    for more in [[], Array("GET / HTTP/1.1\r\n".utf8), [0x16, 0x03, 0x01], [0]] {
      #expect(read(bytes + more) == .complete(header, byteCount: bytes.count))
    }
  }

  @Test("a line of version 1, however it arrives, and whatever comes after it")
  func line() throws {
    expect(try client("192.0.2.1", 4711), of: Array("PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\n".utf8))
    expect(try client("2001:db8::7", 65535), of: Array("PROXY TCP6 2001:db8::7 ::1 65535 0\r\n".utf8))
    let longest = "PROXY TCP6 \(String(repeating: "ffff:", count: 7))ffff \(String(repeating: "ffff:", count: 7))ffff 65535 65535\r\n"
    expect(try client("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535), of: Array(longest.utf8))
    expect(.local, of: Array("PROXY UNKNOWN\r\n".utf8))
    expect(.local, of: Array("PROXY UNKNOWN \(String(longest.dropFirst(11)))".utf8))
  }

  @Test(
    "a line that is not understood is malformed",
    arguments: [
      "GET / HTTP/1.1\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n",
      "PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 -1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 +1 1\r\n", "PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n",
      "PROXY TCP4 01.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 ::1 ::1 1 1\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n",
      "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r ", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\0\r\n", "PROXY \r\n",
      "PROXY  \r\n",
      "PROXY UNKNOWNS\r\n", "PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n", "PROXY\tTCP4 1.2.3.4 1.2.3.4 1 1\r\n", "\r\n\r\n\r\n", " ", "PRQ",
    ])
  func badLine(text: String) { #expect(isMalformed(Array(text.utf8))) }

  @Test("a line may not be longer than the longest that makes sense, and that is found out before it ends")
  func longLine() {
    #expect(isMalformed(Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x61, count: 92)))
    #expect(isMalformed(Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x61, count: 92) + [13, 10]))
    #expect(read(Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x61, count: 91)) == .incomplete)
  }

  @Test("a block of version 2, however it arrives")
  func block() throws {
    expect(try client("192.0.2.1", 4711), of: Self.block(Self.ipv4))
    expect(try client("2001:db8::7", 80), of: Self.block(family: 0x21, Self.ipv6))
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 192, 0, 2, 1] + [UInt8](repeating: 0, count: 16) + [0, 80, 0, 80]
    expect(try client("192.0.2.1", 80), of: Self.block(family: 0x21, mapped))
    expect(.local, of: Self.block(command: 0x20, family: 0, []))
    expect(.local, of: Self.block(command: 0x20, family: 0x11, Self.ipv4 + [1, 2]))
    expect(.local, of: Self.block(family: 0, []))
    expect(.local, of: Self.block(family: 0x31, [UInt8](repeating: 0x61, count: 216)))
  }

  @Test("additions are passed over; a block of 4 KB is the longest")
  func additions() throws {
    expect(try client("192.0.2.1", 4711), of: Self.block(Self.ipv4 + [0x20, 0, 3, 1, 2, 3, 0xEA, 0, 0]))
    let rest = Self.ipv4 + [0x04, 0x0F, 0xE1] + [UInt8](repeating: 0, count: 4065)
    #expect(read(Self.block(rest)) == .complete(try client("192.0.2.1", 4711), byteCount: 4096))
    #expect(isMalformed(Self.block([], count: 4081)))
    #expect(isMalformed(Self.block([], count: 65535)))
  }

  @Test("a checksum is checked where there is one")
  func checksum() throws {
    // CRC-32C of the header with the checksum's own bytes 0, computed apart from this code.
    let good = Self.block(Self.ipv4 + [0x03, 0, 4, 0x4D, 0x3D, 0x37, 0xFA])
    #expect(read(good) == .complete(try client("192.0.2.1", 4711), byteCount: good.count))
    for index in [16, 24, good.count - 1] {
      var bad = good
      bad[index] ^= 1
      #expect(isMalformed(bad), "\(index)")
    }
    #expect(isMalformed(Self.block(Self.ipv4 + [0x03, 0, 3, 0, 0, 0])))
    #expect(isMalformed(Self.block(Self.ipv4 + [0x03, 0, 4, 0, 0, 0, 0, 0x03, 0, 4, 0, 0, 0, 0])))
  }

  @Test(
    "a block that cannot be believed is malformed",
    arguments: [
      block(command: 0x11, ipv4), block(command: 0x22, ipv4), block(command: 0x31, ipv4), block(family: 0x12, ipv4),
      block(family: 0x10, ipv4),
      block(family: 0x41, ipv4), block(family: 0x21, ipv4), block([UInt8](repeating: 0, count: 11)), block(ipv4 + [0x20]),
      block(ipv4 + [0x20, 0]),
      block(ipv4 + [0x20, 0, 1]), [0x0D, 0x0A, 0x0D, 0x0B], [0x0D, 0x47], signature + [0x47],
    ])
  func badBlock(bytes: [UInt8]) { #expect(isMalformed(bytes)) }

  @Test("whatever bytes come, no more of them are taken than there are")
  func noise() {
    var generator = SystemRandomNumberGenerator()
    let seeds = [
      Self.block(Self.ipv4 + [0x03, 0, 4, 0, 0, 0, 0]), Self.block(family: 0x21, Self.ipv6),
      Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n".utf8),
    ]
    for round in 0..<6000 {
      var bytes = seeds[round % 3]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &generator)))
      if case .complete(_, let count) = read(bytes) { #expect(count <= bytes.count) }
    }
  }
}
