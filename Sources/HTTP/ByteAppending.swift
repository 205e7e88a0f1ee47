/// Writing heads: bytes into a buffer that keeps its capacity from one message to the next.
extension [UInt8] {
  /// Appends the UTF-8 of `text`; a literal costs no allocation.
  package mutating func appendASCII(_ text: String) {
    append(copying: text.utf8.span)
  }

  /// Appends a literal of the program's own.
  @inlinable package mutating func appendLiteral(_ text: StaticString) {
    append(addingCapacity: text.utf8CodeUnitCount) { $0.appendLiteral(text) }
  }

  /// Appends a copy of `bytes`, as one block.
  package mutating func append(copying bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { $0.append(copying: bytes) }
  }

  /// Appends a copy of `bytes`.
  package mutating func append(copying bytes: [UInt8]) { append(copying: bytes.span) }

  /// Appends `number` in decimal digits, with a `-` where it is negative.
  package mutating func appendDecimal(_ number: Int) {
    append(addingCapacity: 20) { $0.appendDecimal(number) }
  }

  /// Appends `number` in lower-case hexadecimal digits without leading zeros; negative numbers as their bits.
  package mutating func appendHex(_ number: Int) {
    let bits = UInt(bitPattern: number)
    var shift = Swift.max(0, (UInt.bitWidth - bits.leadingZeroBitCount + 3) / 4 * 4 - 4)
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: bits &>> UInt(shift)) & 0xF
      append(digit < 10 ? Octet.zero &+ digit : 0x57 &+ digit)
      shift -= 4
    }
  }

  /// Appends the line before a chunk of `count` bytes, at least one (RFC 9112, section 7.1). `\r\n` is to follow the chunk.
  package mutating func appendChunkHeader(_ count: Int) {
    appendHex(count)
    append(Octet.carriageReturn)
    append(Octet.lineFeed)
  }

  /// Appends `number` with zeros in front of it, `width` digits in all.
  mutating func appendDecimal(_ number: Int, width: Int) {
    let start = count
    var rest = number
    for _ in 0..<width {
      append(Octet.zero &+ UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    }
    reverseTail(from: start)
  }

  private mutating func reverseTail(from start: Int) {
    var low = start
    var high = count &- 1
    while low < high {
      swapAt(low, high)
      low &+= 1
      high &-= 1
    }
  }
}
