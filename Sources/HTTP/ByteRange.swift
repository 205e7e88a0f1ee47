/// A run of bytes inside a message head: offsets counted from the first byte of the span that was parsed. Half the size of a `Range<Int>`.
package struct ByteRange: Sendable, Equatable {
  @usableFromInline let storedStart: Int32
  @usableFromInline let storedCount: Int32

  /// An empty range at offset 0.
  @inlinable package init() {
    storedStart = 0
    storedCount = 0
  }

  /// The bytes from `start` up to, not including, `end`. Both must fit 31 bits, as every head limit does, and `start <= end`.
  @inlinable package init(_ start: Int, _ end: Int) {
    storedStart = Int32(truncatingIfNeeded: start)
    storedCount = Int32(truncatingIfNeeded: end &- start)
  }

  /// Offset of the first byte.
  @inlinable package var start: Int { Int(storedStart) }
  /// Number of bytes.
  @inlinable package var count: Int { Int(storedCount) }
  /// Offset after the last byte.
  @inlinable package var end: Int { Int(storedStart) &+ Int(storedCount) }
  /// The same as a range of integers.
  @inlinable package var range: Range<Int> { start..<end }
  /// Whether it holds no byte.
  @inlinable package var isEmpty: Bool { storedCount == 0 }
}
