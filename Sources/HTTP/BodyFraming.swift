/// How the end of a message's body is told (RFC 9112, section 6).
package enum BodyFraming: Sendable, Equatable {
  /// There is no body.
  case none
  /// Exactly so many bytes; zero when the message said `Content-Length: 0`.
  case length(Int64)
  /// The chunked transfer coding.
  case chunked
  /// All bytes up to the end of the connection; responses only.
  case untilClose

  /// Written out so that other modules need no call for it.
  @inlinable package static func == (a: BodyFraming, b: BodyFraming) -> Bool {
    switch (a, b) {
    case (.none, .none), (.chunked, .chunked), (.untilClose, .untilClose): true
    case (.length(let count), .length(let other)): count == other
    default: false
    }
  }
}

/// What the Content-Length and Transfer-Encoding lines of a head say together.
enum DeclaredFraming {
  case nothing
  case length(Int64)
  case chunked
  case failed(FramingFault)
}

/// Why the end of a body cannot be told beyond doubt (RFC 9112, section 6.3).
package enum FramingFault: UInt8, Sendable, Error {
  case repeatedContentLength, illFormedContentLength, bothFramings, repeatedTransferEncoding, unknownTransferCoding
  case transferEncodingInOldVersion

  /// A short text for logs and error pages; never what the peer sent.
  package var reason: String {
    switch self {
    case .repeatedContentLength: "more than one Content-Length"
    case .illFormedContentLength: "ill-formed Content-Length"
    case .bothFramings: "Transfer-Encoding together with Content-Length"
    case .repeatedTransferEncoding: "more than one Transfer-Encoding"
    case .unknownTransferCoding: "transfer coding other than chunked"
    case .transferEncodingInOldVersion: "Transfer-Encoding in HTTP/1.0"
    }
  }
}

/// Collects the framing fields of one head.
struct FramingFields {
  private var contentLength: ByteRange?
  private var transferEncoding: ByteRange?
  private var fault: FramingFault?

  var isEmpty: Bool { contentLength == nil && transferEncoding == nil }

  mutating func addContentLength(_ value: ByteRange) {
    if contentLength != nil { fault = .repeatedContentLength }
    contentLength = value
  }

  mutating func addTransferEncoding(_ value: ByteRange) {
    if transferEncoding != nil { fault = .repeatedTransferEncoding }
    transferEncoding = value
  }

  func declared(in head: Span<UInt8>, minorVersion: UInt8) -> DeclaredFraming {
    if contentLength != nil, transferEncoding != nil { return .failed(.bothFramings) }
    if let fault { return .failed(fault) }
    if let transferEncoding {
      if minorVersion == 0 { return .failed(.transferEncodingInOldVersion) }
      guard Tokens.chunked.equals(anyCase: head, transferEncoding.range) else { return .failed(.unknownTransferCoding) }
      return .chunked
    }
    guard let contentLength else { return .nothing }
    guard let length = parseDecimal(head, contentLength.range) else { return .failed(.illFormedContentLength) }
    return .length(length)
  }
}

/// A number of decimal digits alone that fits a signed 64-bit integer; `nil` for anything else, blanks and signs included.
func parseDecimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
  let digits = bytes.extracting(range)
  guard digits.count > 0, digits.count <= 19 else { return nil }
  var value: UInt64 = 0
  for i in digits.indices {
    guard isDigit(digits[i]) else { return nil }
    value = value &* 10 &+ UInt64(digits[i] &- Octet.zero)
  }
  // 19 digits fit 64 bits without a sign.
  return Int64(exactly: value)
}
