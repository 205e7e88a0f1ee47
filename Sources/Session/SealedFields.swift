/// Writes values so that no two different sequences of them have the same encoding: numbers have a fixed width, big-endian, and bytes and
/// text go behind their length.
package struct SealedWriter {
  /// What has been written so far.
  package var bytes: [UInt8] = []

  /// - Parameter capacity: how many bytes to make room for.
  package init(capacity: Int = 128) {
    bytes.reserveCapacity(capacity)
  }

  /// One byte.
  package mutating func write(_ value: UInt8) {
    bytes.append(value)
  }

  /// Four bytes.
  package mutating func write(_ value: UInt32) { write(UInt64(value), count: 4) }

  /// Eight bytes.
  package mutating func write(_ value: UInt64) { write(value, count: 8) }

  private mutating func write(_ value: UInt64, count: Int) {
    bytes.append(addingCapacity: count) { output in
      var shift = UInt64(count) &* 8
      while shift > 0 {
        shift &-= 8
        output.append(UInt8(truncatingIfNeeded: value &>> shift))
      }
    }
  }

  /// Eight bytes, two's complement.
  package mutating func write(_ value: Int64) {
    write(UInt64(bitPattern: value))
  }

  /// Four bytes of length, then `value`, which is shorter than 4 GB.
  package mutating func write(_ value: [UInt8]) {
    write(UInt32(value.count))
    bytes += value
  }

  /// As its UTF-8 bytes.
  package mutating func write(_ value: String) {
    let utf8 = value.utf8
    write(utf8.span)
  }

  /// Four bytes of length, then a copy of `value`.
  package mutating func write(_ value: Span<UInt8>) {
    write(UInt32(value.count))
    // Safe: the buffer is the span's own for the call, which copies it and keeps nothing.
    unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// `value` as it is: only for fields of one fixed length.
  package mutating func write(fixed value: [UInt8]) {
    bytes += value
  }

  /// Zero bytes up to the next multiple of `block` after the first `start` bytes.
  package mutating func pad(to block: Int, from start: Int = 0) {
    let excess = (bytes.count - start) % block
    if excess > 0 { writeRoom(block - excess) }
  }

  /// `count` zero bytes, for what will be put there.
  package mutating func writeRoom(_ count: Int) {
    bytes.append(addingCapacity: count) { output in output.append(repeating: 0, count: count) }
  }

  /// Four bytes of count, then each text.
  package mutating func write(_ values: [String]) {
    write(UInt32(values.count))
    for value in values { write(value) }
  }
}

/// Reads what `SealedWriter` wrote. Each method gives `nil` when the bytes left cannot be that value; nothing is read beyond the end.
package struct SealedReader {
  private let bytes: [UInt8]
  private var position = 0

  /// A reader at the beginning of `bytes`.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether every byte has been read. A reader whose contents do not end here has read something else than was written.
  package var isAtEnd: Bool { position == bytes.count }

  private var left: Int { bytes.count - position }

  /// One byte.
  package mutating func readUInt8() -> UInt8? {
    guard left >= 1 else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// Four bytes.
  package mutating func readUInt32() -> UInt32? {
    guard left >= 4 else { return nil }
    var value: UInt32 = 0
    for i in position..<position + 4 { value = value << 8 | UInt32(bytes[i]) }
    position += 4
    return value
  }

  /// Eight bytes.
  package mutating func readUInt64() -> UInt64? {
    guard left >= 8 else { return nil }
    var value: UInt64 = 0
    for i in position..<position + 8 { value = value << 8 | UInt64(bytes[i]) }
    position += 8
    return value
  }

  /// Eight bytes, two's complement.
  package mutating func readInt64() -> Int64? {
    readUInt64().map { Int64(bitPattern: $0) }
  }

  /// `count` bytes that `write(fixed:)` wrote.
  package mutating func readFixed(_ count: Int) -> [UInt8]? {
    guard count >= 0, left >= count else { return nil }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// All bytes that are left.
  package mutating func readRest() -> [UInt8] {
    defer { position = bytes.count }
    return Array(bytes[position...])
  }

  /// Bytes behind their length; `nil` also if there are more than `maximum`.
  package mutating func readBytes(maximum: Int = .max) -> [UInt8]? {
    guard let range = readRange(maximum: maximum) else { return nil }
    return Array(bytes[range])
  }

  /// Text behind its length in bytes; `nil` also if there are more than `maximum`, or if they are not UTF-8.
  package mutating func readText(maximum: Int = .max) -> String? {
    guard let range = readRange(maximum: maximum) else { return nil }
    return String(validating: bytes[range], as: UTF8.self)
  }

  /// Texts behind their count.
  package mutating func readTexts() -> [String]? {
    // Each text takes four bytes at least, so a count that is not true cannot make us reserve more than what is there.
    guard let count = readUInt32(), Int(count) <= left / 4 else { return nil }
    var texts: [String] = []
    texts.reserveCapacity(Int(count))
    for _ in 0..<count {
      guard let text = readText() else { return nil }
      texts.append(text)
    }
    return texts
  }

  private mutating func readRange(maximum: Int) -> Range<Int>? {
    guard let count = readUInt32(), Int(count) <= left, Int(count) <= maximum else { return nil }
    defer { position += Int(count) }
    return position..<position + Int(count)
  }
}
