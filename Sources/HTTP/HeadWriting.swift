/// Writing a head whose greatest length is known, piece by piece into memory that was made room for at once: `append(addingCapacity:)` of the buffer.
/// To write more than there is room for is a fault of the program's, and ends it.
extension OutputSpan<UInt8> {
  /// Appends a copy of `bytes`, as one block.
  @inlinable @inline(__always) package mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity)
    // Safe: both hold for the call alone, there is room for all of it, and what is free cannot be part of what is read.
    unsafe withUnsafeMutableBufferPointer { buffer, count in
      unsafe bytes.withUnsafeBufferPointer { source in
        guard let target = buffer.baseAddress, let start = source.baseAddress else { return }
        unsafe (target + count).initialize(from: start, count: source.count)
        count += source.count
      }
    }
  }

  /// Appends a copy of `bytes`.
  @inlinable @inline(__always) package mutating func append(copying bytes: [UInt8]) { append(copying: bytes.span) }

  /// Appends a literal of the program's own.
  @inlinable @inline(__always) package mutating func appendLiteral(_ text: StaticString) {
    // Safe: a static string's bytes are there for good.
    let bytes = unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
    append(copying: bytes)
  }

  /// Appends `number` in decimal digits, with a `-` where it is negative: 20 bytes at most.
  package mutating func appendDecimal(_ number: Int) {
    var digits = InlineArray<20, UInt8>(repeating: Octet.dash)
    var start = digits.count
    var rest = number.magnitude
    repeat {
      start &-= 1
      digits[start] = Octet.zero &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(copying: digits.span.extracting((number < 0 ? start &- 1 : start)..<digits.count))
  }

  /// Appends those of the lines in `fields` for which `passes` says so, and in the place of some of them what `replacements` say, which stand in
  /// the order of the lines.
  package mutating func appendLines(
    _ fields: [FieldLine], of head: Span<UInt8>, replacing replacements: [FieldReplacement], where passes: (_ field: FieldLine) -> Bool
  ) {
    var next = 0
    for (index, field) in fields.enumerated() {
      let isReplaced = next < replacements.count && replacements[next].index == index
      if isReplaced { next += 1 }
      guard passes(field) else { continue }
      guard isReplaced else {
        append(copying: head.extracting(field.line.range))
        continue
      }
      append(copying: head.extracting(field.name.range))
      appendLiteral(": ")
      append(copying: replacements[next - 1].value)
      appendLiteral("\r\n")
    }
  }

  /// Appends those of the lines in `fields` that are in `passing`, and those of the others for which `passes` says so; it may append something else
  /// instead. Lines that go on unchanged lie side by side more often than not: each run is copied at once.
  package mutating func appendLines(
    _ fields: [FieldLine], of head: Span<UInt8>, passing: KnownFieldSet,
    or passes: (_ field: FieldLine, _ output: inout OutputSpan<UInt8>) -> Bool
  ) {
    var runStart = 0
    var runEnd = 0
    for field in fields {
      guard passing.contains(field.known) || passes(field, &self) else { continue }
      let line = field.line
      if line.start != runEnd {
        if runStart < runEnd { append(copying: head.extracting(runStart..<runEnd)) }
        runStart = line.start
      }
      runEnd = line.end
    }
    if runStart < runEnd { append(copying: head.extracting(runStart..<runEnd)) }
  }
}

/// Another value for one of a head's field lines.
package struct FieldReplacement: Sendable {
  /// The line's, from the first one on.
  package let index: Int
  /// Without blanks at its ends, and without control bytes.
  package let value: [UInt8]

  package init(index: Int, value: [UInt8]) {
    self.index = index
    self.value = value
  }
}
