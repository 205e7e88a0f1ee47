import HTTP

/// What a request is called in lines, pages and fields: 16 hexadecimal digits, kept in place so that no request costs memory for them.
struct RequestID {
  let digits: InlineArray<16, UInt8>

  init(_ number: UInt64) {
    digits = InlineArray { index in
      let digit = UInt8(truncatingIfNeeded: number &>> UInt64(60 &- 4 &* index)) & 15
      return digit < 10 ? 48 &+ digit : 87 &+ digit
    }
  }

  var text: String {
    var bytes: [UInt8] = []
    bytes.append(copying: digits.span)
    return String(decoding: bytes, as: UTF8.self)
  }
}
