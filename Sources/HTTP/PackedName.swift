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

  /// At most 16 bytes, zeros above them.
  @inline(__always) init(_ word0: UInt64, _ word1: UInt64, count: Int) {
    self.word0 = word0
    self.word1 = word1
    word2 = 0
    word3 = 0
    self.count = count
  }

  /// A literal of lower-case letters, digits and punctuation below 0x40, at most `maxCount` bytes.
  init(_ literal: String) {
    let bytes = [UInt8](literal.utf8)
    precondition(bytes.count <= PackedName.maxCount)
    self.init(bytes.span, 0, count: bytes.count)
  }

  /// Of a name in lower case: all bits but those that are the case of its letters. Only letters fold: a control byte never passes for a dash or a digit.
  var telling: PackedName {
    var telling = self
    telling.word0 = bits(word0, from: 0)
    telling.word1 = bits(word1, from: 8)
    telling.word2 = bits(word2, from: 16)
    telling.word3 = bits(word3, from: 24)
    return telling
  }

  private func bits(_ word: UInt64, from start: Int) -> UInt64 {
    let bytes = min(max(count - start, 0), 8)
    let present = bytes == 8 ? UInt64.max : 1 << UInt64(bytes * 8) - 1
    return present & ~((word & (Word.ones &* 0x40)) &>> 1)
  }

  /// Whether the bits that tell are the same; `telling` is that of `self`.
  @inline(__always) func equals(_ other: PackedName, telling: PackedName) -> Bool {
    guard count == other.count, (word0 ^ other.word0) & telling.word0 == 0 else { return false }
    if count <= 8 { return true }
    guard (word1 ^ other.word1) & telling.word1 == 0 else { return false }
    if count <= 16 { return true }
    return (word2 ^ other.word2) & telling.word2 | (word3 ^ other.word3) & telling.word3 == 0
  }

  /// Whether `self`, in lower case, is `other` in any case.
  @inline(__always) func equals(anyCase other: PackedName) -> Bool { equals(other, telling: telling) }

  /// Whether the bytes at `range` are `self` in any case.
  @inline(__always) func equals(anyCase bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard range.count == count else { return false }
    return equals(anyCase: PackedName(bytes, range.lowerBound, count: count))
  }

  /// The same for every case of the same name.
  @inline(__always) var hash: Int {
    let fold = Word.ones &* 0x20
    var mixed = word0 | fold
    if count > 8 { mixed &+= (word1 | fold) &* 0x9E37_79B9_7F4A_7C15 }
    if count > 16 { mixed ^= (word2 | fold) &* 0xC2B2_AE3D_27D4_EB4F ^ (word3 | fold) }
    return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) &>> 56)
  }
}
