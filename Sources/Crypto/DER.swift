/// The little of DER (X.690) that keys and signatures need.
enum DER {
  /// SEQUENCE of INTEGERs, each given as big-endian bytes without a sign.
  static func integers(_ numbers: [ArraySlice<UInt8>]) -> [UInt8] {
    element(0x30, numbers.flatMap { element(0x02, integer($0)) })
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = bytes.drop { $0 == 0 }
    guard let first = digits.first else { return [0] }
    return (first >= 0x80 ? [0] : []) + digits
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    if count < 0x80 { return [tag, UInt8(count)] + content }
    let length = count.bigEndianBytes
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }

  /// The numbers of a SEQUENCE of two INTEGERs, each filled up to `count` bytes; `nil` for anything else.
  static func pair(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    // Two numbers of at most 49 bytes: every length is one byte.
    guard bytes.count >= 2, bytes[0] == 0x30, Int(bytes[1]) == bytes.count - 2, bytes[1] < 0x80 else { return nil }
    var rest = bytes.dropFirst(2)
    var output: [UInt8] = []
    for _ in 0..<2 {
      guard rest.popFirst() == 0x02, let length = rest.popFirst(), length < 0x80, rest.count >= Int(length) else { return nil }
      let digits = rest.prefix(Int(length)).drop { $0 == 0 }
      guard digits.count <= count else { return nil }
      output += [UInt8](repeating: 0, count: count - digits.count) + digits
      rest = rest.dropFirst(Int(length))
    }
    return rest.isEmpty ? output : nil
  }
}

extension Int {
  fileprivate var bigEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    var rest = self
    while rest > 0 {
      bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    return bytes
  }
}
