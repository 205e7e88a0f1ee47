/// The request methods that the gateway tells apart (RFC 9110, section 9; PATCH: RFC 5789). Every other token is `other`.
package enum Method: UInt8, Sendable {
  case get, head, post, put, delete, connect, options, trace, patch, other

  /// Whether the method asks for nothing but reading (RFC 9110, section 9.2.1).
  package var isSafe: Bool {
    switch self {
    case .get, .head, .options, .trace: true
    default: false
    }
  }

  /// The method that the bytes of `range` name; methods are case-sensitive.
  @inline(__always) init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    guard range.count <= 8 else {
      self = .other
      return
    }
    self.init(Word.load(bytes, range.lowerBound, count: range.count))
  }

  /// The method of these bytes, the first one lowest, and zeros above them.
  @inline(__always) init(_ name: UInt64) {
    switch name {
    case 0x54_4547: self = .get
    case 0x4441_4548: self = .head
    case 0x5453_4F50: self = .post
    case 0x54_5550: self = .put
    case 0x4554_454C_4544: self = .delete
    case 0x54_4345_4E4E_4F43: self = .connect
    case 0x53_4E4F_4954_504F: self = .options
    case 0x45_4341_5254: self = .trace
    case 0x48_4354_4150: self = .patch
    default: self = .other
    }
  }
}
