/// base64url without padding (RFC 4648, section 5), strict: one encoding for each value.
package enum Base64URL {
  /// The text for `bytes`.
  package static func encode(_ bytes: [UInt8]) -> String {
    String(decoding: encodeBytes(bytes), as: UTF8.self)
  }

  /// The text for `bytes`, as ASCII bytes.
  package static func encodeBytes(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    append(bytes.span, to: &output)
    return output
  }

  /// The number of characters for `count` bytes.
  package static func characters(_ count: Int) -> Int { (count * 4 + 2) / 3 }

  /// Appends the text for `bytes`, as ASCII bytes.
  package static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    let count = characters(bytes.count)
    let alphabet = alphabet
    output.append(addingCapacity: count) { output in
      // Safe: `count` characters fit, as many are written, each once, and no more is read than `bytes` and the alphabet's 64 have.
      unsafe output.withUnsafeMutableBufferPointer { output, initialized in
        unsafe bytes.withUnsafeBufferPointer { bytes in
          unsafe alphabet.withUnsafeBufferPointer { alphabet in
            precondition(output.count >= count && alphabet.count == 64)
            var written = 0
            var group: UInt32 = 0
            func write(_ shift: UInt32) {
              unsafe output[written] = unsafe alphabet[Int(truncatingIfNeeded: group &>> shift & 63)]
              written &+= 1
            }
            let whole = bytes.count - bytes.count % 3
            for i in stride(from: 0, to: whole, by: 3) {
              group = unsafe UInt32(bytes[i]) &<< 16 | UInt32(bytes[i &+ 1]) &<< 8 | UInt32(bytes[i &+ 2])
              write(18)
              write(12)
              write(6)
              write(0)
            }
            if whole < bytes.count {
              group = unsafe UInt32(bytes[whole]) &<< 16
              if whole + 1 < bytes.count { group |= unsafe UInt32(bytes[whole + 1]) &<< 8 }
              write(18)
              write(12)
              if whole + 1 < bytes.count { write(6) }
            }
            initialized = written
          }
        }
      }
    }
  }

  /// The bytes of `text`; `nil` for a character outside the alphabet, an impossible length, or bits that `encode` would not have set.
  package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    let tail = text.count % 4
    guard tail != 1 else { return nil }
    let count = text.count * 3 / 4
    let values = values
    var fault: Int32 = 0
    // Safe: there is room for `count` bytes, which is as many as are written, each once; no more is read than `text` has, and the table has
    // a value for every byte.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      unsafe text.withUnsafeBufferPointer { text in
        unsafe values.withUnsafeBufferPointer { values in
          precondition(output.count >= count && values.count == 256)
          func value(_ i: Int) -> Int32 { unsafe Int32(values[Int(text[i])]) }
          var written = 0
          for i in stride(from: 0, to: text.count - tail, by: 4) {
            let group = value(i) << 18 | value(i &+ 1) << 12 | value(i &+ 2) << 6 | value(i &+ 3)
            fault |= group
            unsafe output[written] = UInt8(truncatingIfNeeded: group >> 16)
            unsafe output[written &+ 1] = UInt8(truncatingIfNeeded: group >> 8)
            unsafe output[written &+ 2] = UInt8(truncatingIfNeeded: group)
            written &+= 3
          }
          let last = text.count - tail
          if tail == 2 {
            let group = value(last) << 6 | value(last + 1)
            unsafe output[written] = UInt8(truncatingIfNeeded: group >> 4)
            fault |= group & 0xF == 0 ? group : -1
          } else if tail == 3 {
            let group = value(last) << 12 | value(last + 1) << 6 | value(last + 2)
            unsafe output[written] = UInt8(truncatingIfNeeded: group >> 10)
            unsafe output[written + 1] = UInt8(truncatingIfNeeded: group >> 2)
            fault |= group & 0x3 == 0 ? group : -1
          }
          initialized = count
        }
      }
    }
    return fault >= 0 ? bytes : nil
  }

  /// The bytes of `text`, as for the span.
  package static func decode(_ text: String) -> [UInt8]? { decode([UInt8](text.utf8).span) }

  // Literals, which are there before the program begins: a global that is worked out is asked for with a lock each time.

  private static let alphabet: [UInt8] = [
    65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 97, 98, 99, 100, 101, 102,
    103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 48, 49, 50, 51, 52, 53, 54, 55, 56,
    57, 45, 95,
  ]

  /// The value of each character; -1 for what is none, which stays negative in whatever it is put into.
  private static let values: [Int8] = [
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  ]
}
