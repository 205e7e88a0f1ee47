/// A name of at most 32 bytes in four words, so that comparing it costs a few instructions.
struct PackedName: Sendable {
  static let maxCount = 32

  var word0: UInt64
  var word1: UInt64
  var word2: UInt64
  var word3: UInt64
  var count: Int

  /// The bytes of `range`; the caller has made sure that there are at most `maxCount`.
  @inline(__always) init(_ bytes: Span<UInt8>, _ start: Int, count: Int) {
    self.count = count
    word0 = Word.load(bytes, start, count: count)
    word1 = Word.load(bytes, start &+ 8, count: count &- 8)
    word2 = Word.load(bytes, start &+ 16, count: count &- 16)
    word3 = Word.load(bytes, start &+ 24, count: count &- 24)
  }

  /// A literal of lower-case letters, digits and punctuation below 0x40, at most `maxCount` bytes.
  init(_ literal: String) {
    let bytes = [UInt8](literal.utf8)
    precondition(bytes.count <= PackedName.maxCount)
    self.init(bytes.span, 0, count: bytes.count)
  }

  /// Whether `self`, in lower case, is `other` in any case. Only letters fold: a control byte never passes for a dash or a digit.
  @inline(__always) func equals(anyCase other: PackedName) -> Bool {
    let difference =
      PackedName.difference(word0, other.word0) | PackedName.difference(word1, other.word1)
      | PackedName.difference(word2, other.word2) | PackedName.difference(word3, other.word3)
    return count == other.count && difference == 0
  }

  /// Whether the bytes at `range` are `self` in any case.
  @inline(__always) func equals(anyCase bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count == count else { return false }
    return equals(anyCase: PackedName(bytes, range.lowerBound, count: count))
  }

  @inline(__always) private static func difference(_ lower: UInt64, _ any: UInt64) -> UInt64 {
    (lower ^ any) & ~((lower & (Word.ones &* 0x40)) &>> 1)
  }

  /// The same for every case of the same name.
  @inline(__always) var hash: Int {
    let fold = Word.ones &* 0x20
    let mixed = (word0 | fold) &+ (word1 | fold) &* 0x9E37_79B9_7F4A_7C15 ^ (word2 | fold) &* 0xC2B2_AE3D_27D4_EB4F ^ (word3 | fold)
    return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) &>> 56)
  }
}
