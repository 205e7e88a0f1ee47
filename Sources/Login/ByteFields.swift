/// Builds bytes out of fields so that two different contents never have the same encoding: numbers have a fixed width, everything else
/// carries its length in front.
struct ByteFieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(byte: UInt8) { bytes.append(byte) }

  mutating func put(_ value: Int64) {
    let bits = UInt64(bitPattern: value)
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
  }

  mutating func put(count: Int) {
    let bits = UInt32(truncatingIfNeeded: count)
    for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
  }

  /// `field` as it is: only for fields of one fixed length.
  mutating func put(fixed field: [UInt8]) { bytes += field }

  mutating func put(_ field: some Collection<UInt8>) {
    put(count: field.count)
    bytes += field
  }

  mutating func put(_ text: String) { put(text.utf8) }

  /// Zero bytes up to the next multiple of `block`.
  mutating func pad(to block: Int) {
    let excess = bytes.count % block
    if excess > 0 { bytes += [UInt8](repeating: 0, count: block - excess) }
  }
}

/// Reads what `ByteFieldWriter` wrote; every read is `nil` once the bytes run out.
struct ByteFieldReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  mutating func byte() -> UInt8? {
    guard offset < bytes.count else { return nil }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func number() -> Int64? {
    guard let field = fixed(8) else { return nil }
    return Int64(bitPattern: field.reduce(0) { $0 << 8 | UInt64($1) })
  }

  mutating func count() -> Int? {
    guard let field = fixed(4) else { return nil }
    return Int(field.reduce(0) { $0 << 8 | UInt32($1) })
  }

  mutating func fixed(_ count: Int) -> [UInt8]? {
    guard count >= 0, remaining >= count else { return nil }
    defer { offset += count }
    return [UInt8](bytes[offset..<offset + count])
  }

  mutating func field(maximum: Int) -> [UInt8]? {
    guard let count = count(), count <= maximum else { return nil }
    return fixed(count)
  }
}
