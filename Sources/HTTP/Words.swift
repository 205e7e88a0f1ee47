/// Eight bytes at a time. Each test leaves the top bit of a byte set where it holds; bits above the lowest one may be false, the lowest never is.
enum Word {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let tops: UInt64 = 0x8080_8080_8080_8080

  @inline(__always) static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }

  @inline(__always) static func bytes(equalTo byte: UInt8, in word: UInt64) -> UInt64 { zeroBytes(word ^ (ones &* UInt64(byte))) }

  /// `bound` is at most 0x80.
  @inline(__always) static func bytes(below bound: UInt8, in word: UInt64) -> UInt64 { (word &- ones &* UInt64(bound)) & ~word & tops }

  @inline(__always) static func firstIndex(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

  /// The eight bytes at `offset`, the first one lowest. The caller has made sure that they are there. Written so that the compiler makes one check
  /// and one load of it.
  @inline(__always) static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
    let rest = bytes.extracting(offset..<bytes.count)
    precondition(rest.count >= 8)
    return UInt64(rest[0]) | UInt64(rest[1]) &<< 8 | UInt64(rest[2]) &<< 16 | UInt64(rest[3]) &<< 24
      | UInt64(rest[4]) &<< 32 | UInt64(rest[5]) &<< 40 | UInt64(rest[6]) &<< 48 | UInt64(rest[7]) &<< 56
  }

  /// At most eight bytes at `offset`, of which the caller has made sure; zeros above them, and all zeros for a `count` below one.
  @inline(__always) static func load(_ bytes: Span<UInt8>, _ offset: Int, count: Int) -> UInt64 {
    if count <= 0 { return 0 }
    let wanted = min(count, 8)
    if offset &+ 8 <= bytes.count { return load(bytes, offset) & (UInt64.max &>> UInt64(64 &- wanted &* 8)) }
    return gather(bytes, offset, count: wanted)
  }

  @inline(never) private static func gather(_ bytes: Span<UInt8>, _ offset: Int, count: Int) -> UInt64 {
    var word: UInt64 = 0
    for i in 0..<count { word |= UInt64(bytes[offset &+ i]) &<< UInt64(i &* 8) }
    return word
  }

  /// The offset of the first `byte` in `range`, or `nil`.
  @inline(__always) static func firstOffset(of byte: UInt8, in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var offset = range.lowerBound
    while offset &+ 8 <= range.upperBound {
      let marks = Word.bytes(equalTo: byte, in: load(bytes, offset))
      if marks != 0 { return offset &+ firstIndex(marks) }
      offset &+= 8
    }
    while offset < range.upperBound {
      if bytes[offset] == byte { return offset }
      offset &+= 1
    }
    return nil
  }
}
