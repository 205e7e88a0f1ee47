import Config

/// What a balancer says, before anything else on a connection, about whose connection it passes on: the PROXY protocol, versions 1 and 2.
///
/// Pure: bytes in, an outcome out. The header is short, so each look begins with its first byte, which makes any way of its arriving the same.
enum ProxyHeader: Equatable {
  /// It is the balancer's own, or of a kind that has no address: the socket's address stands.
  case local
  /// The client's address and port.
  case client(IPAddress, port: UInt16)

  /// What a look at the first bytes of a connection comes to.
  enum Outcome: Equatable {
    /// All of them belong to the header, and it goes on.
    case incomplete
    /// The header is that many bytes long.
    case complete(ProxyHeader, byteCount: Int)
    /// It is none, or none that may be believed.
    case malformed(String)
  }

  /// The longest one of version 2, its additions included.
  static let maximumCount = 4 << 10
  private static let maximumLine = 107
  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  private static let word: [UInt8] = Array("PROXY ".utf8)

  static func read(_ bytes: Span<UInt8>) -> Outcome {
    guard bytes.count > 0 else { return .incomplete }
    switch bytes[0] {
    case word[0]: return readLine(bytes)
    case signature[0]: return readBlock(bytes)
    default: return .malformed("no PROXY header")
    }
  }

  private static func begins(_ bytes: Span<UInt8>, with start: [UInt8]) -> Bool {
    for index in 0..<min(bytes.count, start.count) where bytes[index] != start[index] { return false }
    return true
  }

  // MARK: Version 1

  /// `PROXY TCP4 192.0.2.1 192.0.2.2 1234 443` and CR LF.
  private static func readLine(_ bytes: Span<UInt8>) -> Outcome {
    guard begins(bytes, with: word) else { return .malformed("no PROXY header") }
    var end = word.count
    while end < bytes.count, bytes[end] != 0x0D {
      // Whatever a line of the unknown kind says, it is text.
      guard bytes[end] >= 0x20, bytes[end] < 0x7F else { return .malformed("a byte that is no text in a line of version 1") }
      end += 1
    }
    guard end + 2 <= maximumLine else { return .malformed("a line of version 1 that is too long") }
    guard end + 1 < bytes.count else { return .incomplete }
    guard bytes[end + 1] == 0x0A else { return .malformed("a line of version 1 without CR LF") }
    var text: [UInt8] = []
    for index in word.count..<end { text.append(bytes[index]) }
    guard let header = line(String(decoding: text, as: UTF8.self)) else { return .malformed("a line of version 1 that is not understood") }
    return .complete(header, byteCount: end + 2)
  }

  private static func line(_ text: String) -> ProxyHeader? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    if words[0] == "UNKNOWN" { return .local }
    guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6" else { return nil }
    let isIPv6 = words[0] == "TCP6"
    guard words[1].contains(":") == isIPv6, words[2].contains(":") == isIPv6, let source = IPAddress(String(words[1])),
      IPAddress(String(words[2])) != nil, let sourcePort = port(words[3]), port(words[4]) != nil
    else { return nil }
    return .client(source, port: sourcePort)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 0x30
    else { return nil }
    return UInt16(text)
  }

  // MARK: Version 2

  private static let fixedCount = 16

  private static func readBlock(_ bytes: Span<UInt8>) -> Outcome {
    guard begins(bytes, with: signature) else { return .malformed("no PROXY header") }
    guard bytes.count >= fixedCount else {
      if bytes.count > 12, bytes[12] >> 4 != 2 { return .malformed("a version that is neither 1 nor 2") }
      return .incomplete
    }
    guard bytes[12] >> 4 == 2 else { return .malformed("a version that is neither 1 nor 2") }
    let count = fixedCount + Int(bytes[14]) << 8 + Int(bytes[15])
    guard count <= maximumCount else { return .malformed("a header of more than \(maximumCount) bytes") }
    guard bytes[12] & 0x0F <= 1 else { return .malformed("a command that is neither LOCAL nor PROXY") }
    guard bytes.count >= count else { return .incomplete }
    // LOCAL: whatever else it says is of no account.
    if bytes[12] & 0x0F == 0 { return .complete(.local, byteCount: count) }
    let block = bytes.extracting(0..<count)
    return read(block, family: bytes[13])
  }

  /// A whole header with the command PROXY.
  private static func read(_ block: Span<UInt8>, family: UInt8) -> Outcome {
    let addresses: Int
    switch family {
    case 0x00: addresses = 0
    case 0x11: addresses = 12
    case 0x21: addresses = 36
    case 0x31: addresses = 216
    default: return .malformed("a kind of address or protocol that no TCP connection has")
    }
    let additions = fixedCount + addresses
    guard block.count >= additions else { return .malformed("addresses that do not fit the header's length") }
    if let fault = faultOfAdditions(block, from: additions) { return .malformed(fault) }
    let width = family == 0x11 ? 4 : 16
    guard family == 0x11 || family == 0x21, let source = IPAddress(bytes: (fixedCount..<fixedCount + width).map { block[$0] }) else {
      return .complete(.local, byteCount: block.count)
    }
    let port = fixedCount + 2 * width
    return .complete(.client(source, port: UInt16(block[port]) << 8 | UInt16(block[port + 1])), byteCount: block.count)
  }

  // MARK: Additions (TLV)

  private static let checksumType: UInt8 = 0x03

  private static func faultOfAdditions(_ block: Span<UInt8>, from start: Int) -> String? {
    var position = start
    var checksum: Int?
    while position < block.count {
      guard position + 3 <= block.count else { return "an addition that is cut off" }
      let length = Int(block[position + 1]) << 8 | Int(block[position + 2])
      let value = position + 3
      guard value + length <= block.count else { return "an addition that is cut off" }
      if block[position] == checksumType {
        guard length == 4, checksum == nil else { return "a checksum that is none" }
        checksum = value
      }
      position = value + length
    }
    guard let checksum else { return nil }
    let said = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[checksum + $1]) }
    return said == crc32c(block, zeroing: checksum..<checksum + 4) ? nil : "a wrong checksum"
  }

  /// The Castagnoli CRC (RFC 3720, appendix B.4) of `bytes` with those in `hole` taken as 0.
  private static func crc32c(_ bytes: Span<UInt8>, zeroing hole: Range<Int>) -> UInt32 {
    var crc = UInt32.max
    for index in bytes.indices {
      crc ^= hole.contains(index) ? 0 : UInt32(bytes[index])
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return ~crc
  }
}
