/// Writing heads: bytes into a buffer that keeps its capacity from one message to the next.
extension [UInt8] {
  /// Appends the UTF-8 of `text`; a literal costs no allocation.
  package mutating func appendASCII(_ text: String) {
    append(copying: text.utf8.span)
  }

  /// Appends a literal of the program's own.
  @inlinable package mutating func appendLiteral(_ text: StaticString) {
    // Safe: a static string's bytes are there for good.
    unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a copy of `bytes`, as one block.
  package mutating func append(copying bytes: Span<UInt8>) {
    // Safe: the buffer is the span's own for the call, which copies it and keeps nothing. Byte by byte this would be a good part of a
    // request's cost.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends a copy of `bytes`.
  package mutating func append(copying bytes: [UInt8]) { append(copying: bytes.span) }

  /// Appends those of the lines in `fields` that are in `passing`, and those of the others for which `passes` says so; it may append something else
  /// instead. Lines that go on unchanged lie side by side more often than not: each run is copied at once.
  package mutating func appendLines(
    _ fields: [FieldLine], of head: Span<UInt8>, passing: KnownFieldSet, or passes: (_ field: FieldLine, _ output: inout [UInt8]) -> Bool
  ) {
    var run = ByteRange()
    for field in fields {
      guard passing.contains(field.known) || passes(field, &self) else { continue }
      let line = field.line
      if line.start == run.end, !run.isEmpty {
        run = ByteRange(run.start, line.end)
      } else {
        if !run.isEmpty { append(copying: head.extracting(run.range)) }
        run = line
      }
    }
    if !run.isEmpty { append(copying: head.extracting(run.range)) }
  }

  /// Appends `number` in decimal digits, with a `-` where it is negative.
  package mutating func appendDecimal(_ number: Int) {
    if number < 0 { append(Octet.dash) }
    var rest = number.magnitude
    if rest < 10 {
      append(Octet.zero &+ UInt8(truncatingIfNeeded: rest))
      return
    }
    let start = count
    while rest > 0 {
      append(Octet.zero &+ UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    }
    reverseTail(from: start)
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
