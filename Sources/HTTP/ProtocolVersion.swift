/// Reads `HTTP/x.y` a byte at a time or, where all of it is there, at once. Shared by request and status lines.
struct ProtocolVersionScanner {
  static let byteCount = 8
  // "HTTP/1.0" and "HTTP/1.1", the H in the lowest byte.
  static let version0: UInt64 = 0x302E_312F_5054_5448
  static let version1: UInt64 = 0x312E_312F_5054_5448

  enum Scan {
    case incomplete
    case minor(UInt8)
    case unsupported
    case illFormed
  }

  private var position = 0
  private var major: UInt8 = 0

  mutating func scan(_ input: Span<UInt8>, _ cursor: inout Int, limit: Int) -> Scan {
    if position == 0, cursor &+ ProtocolVersionScanner.byteCount <= limit {
      let word = Word.load(input, cursor)
      if word == ProtocolVersionScanner.version1 || word == ProtocolVersionScanner.version0 {
        cursor &+= ProtocolVersionScanner.byteCount
        return .minor(word == ProtocolVersionScanner.version1 ? 1 : 0)
      }
    }
    while cursor < limit {
      let byte = input[cursor]
      cursor &+= 1
      switch position {
      case 5:
        guard isDigit(byte) else { return .illFormed }
        major = byte &- Octet.zero
      case 7:
        guard isDigit(byte) else { return .illFormed }
        position = 0
        let minor = byte &- Octet.zero
        return major == 1 && minor <= 1 ? .minor(minor) : .unsupported
      default:
        let expected = UInt8(truncatingIfNeeded: ProtocolVersionScanner.version1 &>> UInt64(position &* 8))
        guard byte == expected else { return .illFormed }
      }
      position &+= 1
    }
    return .incomplete
  }

  mutating func reset() { position = 0 }
}
