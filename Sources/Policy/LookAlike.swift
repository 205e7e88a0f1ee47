/// Characters outside ASCII that some apps turn into ASCII: overlong UTF-8, full-width forms, and the letters whose case mapping ends in
/// ASCII (U+017F long s, U+212A Kelvin sign, U+0130 and U+0131 Turkish i).
enum LookAlike {
  struct Match {
    var ascii: UInt8
    /// Bytes of UTF-8 that it stands for, 2 or 3.
    var length: Int
  }

  /// What the UTF-8 that begins with these bytes would be read as. A byte past the end is given as 0.
  static func match(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Match? {
    let secondContinues = second & 0xC0 == 0x80
    let thirdContinues = third & 0xC0 == 0x80
    switch first {
    case 0xC0...0xC1 where secondContinues:
      return Match(ascii: (first & 1) << 6 | second & 0x3F, length: 2)
    case 0xC4 where second == 0xB0 || second == 0xB1: return Match(ascii: 0x69, length: 2)
    case 0xC5 where second == 0xBF: return Match(ascii: 0x73, length: 2)
    case 0xE0 where second & 0xFE == 0x80 && thirdContinues: return Match(ascii: (second & 1) << 6 | third & 0x3F, length: 3)
    case 0xE2 where second == 0x84 && third == 0xAA: return Match(ascii: 0x6B, length: 3)
    case 0xEF where second == 0xBC && third >= 0x81 && thirdContinues: return Match(ascii: third - 0x81 + 0x21, length: 3)
    case 0xEF where second == 0xBD && third >= 0x80 && third <= 0x9E: return Match(ascii: third - 0x80 + 0x60, length: 3)
    default: return nil
    }
  }

  /// The same for a code point, as `%uXXXX` gives one; `nil` for those that stay outside ASCII.
  static func ascii(codePoint: UInt16) -> UInt8? {
    switch codePoint {
    case 0..<0x80: UInt8(codePoint)
    case 0x130, 0x131: 0x69
    case 0x17F: 0x73
    case 0x212A: 0x6B
    case 0xFF01...0xFF5E: UInt8(codePoint - 0xFEE0)
    default: nil
    }
  }
}
