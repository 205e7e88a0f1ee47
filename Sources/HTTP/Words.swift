/// Eight bytes at a time. Each test leaves the top bit of a byte set where it holds; bits above the lowest one may be false, the lowest never is.
enum Word {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let tops: UInt64 = 0x8080_8080_8080_8080

  @inline(__always) static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }

  @inline(__always) static func bytes(equalTo byte: UInt8, in word: UInt64) -> UInt64 { zeroBytes(word ^ (ones &* UInt64(byte))) }

  /// `bound` is at most 0x80.
  @inline(__always) static func bytes(below bound: UInt8, in word: UInt64) -> UInt64 { (word &- ones &* UInt64(bound)) & ~word & tops }

  @inline(__always) static func firstIndex(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

  @inline(__always) static func byte(_ index: Int, of word: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word &>> UInt64(index &* 8)) }

  /// All bits of the bytes before the first mark.
  @inline(__always) static func bytesBefore(_ marks: UInt64) -> UInt64 { ((marks & (0 &- marks)) &>> 7) &- 1 }

  /// The first eight bytes, the first one lowest. The caller has made sure that they are there. Written so that the compiler makes one check and one
  /// load of it, and none where the caller has asked for `count` just before.
  @inline(__always) static func leading(_ bytes: Span<UInt8>) -> UInt64 {
    precondition(bytes.count >= 8)
    return UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
      | UInt64(bytes[4]) &<< 32 | UInt64(bytes[5]) &<< 40 | UInt64(bytes[6]) &<< 48 | UInt64(bytes[7]) &<< 56
  }

  /// The eight bytes after those, of which the caller has made sure as well.
  @inline(__always) static func second(_ bytes: Span<UInt8>) -> UInt64 {
    precondition(bytes.count >= 16)
    return UInt64(bytes[8]) | UInt64(bytes[9]) &<< 8 | UInt64(bytes[10]) &<< 16 | UInt64(bytes[11]) &<< 24
      | UInt64(bytes[12]) &<< 32 | UInt64(bytes[13]) &<< 40 | UInt64(bytes[14]) &<< 48 | UInt64(bytes[15]) &<< 56
  }

  /// The eight bytes at `offset`, the first one lowest. The caller has made sure that they are there.
  @inline(__always) static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
    leading(bytes.extracting(offset..<bytes.count))
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
    let count = count(of: bytes.extracting(range), until: { Word.bytes(equalTo: byte, in: $0) }, { $0 == byte })
    return count == range.count ? nil : range.lowerBound &+ count
  }

  /// How many bytes stand before the first one that `isEnd`; all where there is none. `marks` finds it in a word.
  @inline(__always) static func count(of bytes: Span<UInt8>, until marks: (UInt64) -> UInt64, _ isEnd: (UInt8) -> Bool) -> Int {
    var rest = bytes
    while rest.count >= 8 {
      let found = marks(leading(rest))
      if found != 0 { return bytes.count &- rest.count &+ firstIndex(found) }
      rest = rest.extracting(droppingFirst: 8)
    }
    while rest.count > 0, !isEnd(rest[0]) { rest = rest.extracting(droppingFirst: 1) }
    return bytes.count &- rest.count
  }

  /// How many bytes stand before the first `byte`, in what is likely to be long.
  @inline(__always) static func longCount(of bytes: Span<UInt8>, before byte: UInt8) -> Int {
    var rest = bytes
    skipPairs(&rest) { words in
      let difference = words ^ (ones &* UInt64(byte))
      return (difference &- ones) & ~difference & tops
    }
    return bytes.count &- rest.count &+ count(of: rest, until: { Word.bytes(equalTo: byte, in: $0) }, { $0 == byte })
  }

  /// Takes off as many times two words as have no byte that `marks` marks.
  @inline(__always) static func skipPairs(_ rest: inout Span<UInt8>, until marks: (SIMD2<UInt64>) -> SIMD2<UInt64>) {
    while rest.count >= 16, marks(SIMD2(leading(rest), second(rest))) == SIMD2(repeating: 0) {
      rest = rest.extracting(droppingFirst: 16)
    }
  }
}
