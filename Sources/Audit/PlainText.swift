extension FieldEncoding {
  /// The ordinary case, eight bytes at a time: printable ASCII without quotes and backslashes that is not to be cut. False, with nothing
  /// written, for all else.
  /// - Parameter least: the lowest byte that needs no escape, a blank or the one behind it.
  @inline(__always)
  static func putPlain(
    _ value: Span<UInt8>, least: UInt8, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int
  ) -> Bool {
    let count = value.count
    if count > limit &- margin { return false }
    // Safe: bytes stay bytes, whatever is stored among them.
    var room = unsafe output.mutableBytes
    let start = position
    var marks: UInt64 = 0
    if count >= 8 {
      var index = 0
      while index &+ 8 < count {
        marks |= store(load(value, index), in: &room, at: start &+ index, least)
        index &+= 8
      }
      // The last eight, some of them perhaps for the second time.
      marks |= store(load(value, count &- 8), in: &room, at: start &+ count &- 8, least)
    } else if count > 0 {
      // What it writes behind the value is room that the next field overwrites.
      marks = store(loadShort(value), in: &room, at: start, least)
    }
    if marks & tops != 0 { return false }
    position = start &+ count
    return true
  }

  /// The lowest `count` bytes of a word, the lowest one first; what is above them goes to room that the next field overwrites.
  @inline(__always)
  static func putWord(_ word: UInt64, count: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    // Safe: bytes stay bytes, whatever is stored among them.
    var room = unsafe output.mutableBytes
    room.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
    position += count
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes at `index`, the first one lowest.
  @inline(__always)
  private static func load(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
    // Safe: any eight bytes make a number, and that they are there is checked.
    unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  /// One to seven bytes, and plain ones above them.
  @inline(__always)
  private static func loadShort(_ value: Span<UInt8>) -> UInt64 {
    let last = value.count &- 1
    var word = (ones &* UInt64(UInt8(ascii: "a"))) &<< UInt64(8 &* value.count)
    if last >= 3 {
      // Safe: any four bytes make a number, and that they are there is checked. Where the two overlap they are the same.
      let low = unsafe value.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let high = unsafe value.bytes.unsafeLoadUnaligned(fromByteOffset: last &- 3, as: UInt32.self)
      word |= UInt64(UInt32(littleEndian: low)) | UInt64(UInt32(littleEndian: high)) &<< UInt64(8 &* (last &- 3))
    } else {
      let middle = value.count / 2
      word |= UInt64(value[0]) | UInt64(value[middle]) &<< UInt64(8 &* middle) | UInt64(value[last]) &<< UInt64(8 &* last)
    }
    return word
  }

  /// Stores eight bytes; a top bit is set in the result when one of them needs an escape.
  @inline(__always)
  private static func store(_ word: UInt64, in room: inout MutableRawSpan, at position: Int, _ least: UInt8) -> UInt64 {
    room.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
    let quotes = zeroBytes(word ^ (ones &* UInt64(UInt8(ascii: "\""))))
    let backslashes = zeroBytes(word ^ (ones &* UInt64(UInt8(ascii: "\\"))))
    let low = (word &- ones &* UInt64(least)) & ~word
    return quotes | backslashes | low | word | (word &+ ones)
  }

  /// Has the top bit of a byte set exactly when one of the bytes is zero.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
}
