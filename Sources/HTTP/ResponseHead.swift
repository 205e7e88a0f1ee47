/// An upstream's response head as offsets into the bytes that were parsed. Reused from one message to the next: a parser overwrites all of it.
package struct ResponseHead: Sendable, Equatable {
  /// 100 to 599.
  package internal(set) var status = 0
  /// The reason phrase; empty where there is none.
  package internal(set) var reason = ByteRange()
  /// 0 or 1.
  package internal(set) var minorVersion: UInt8 = 1
  /// All field lines in the order in which they came.
  package internal(set) var fields: [FieldLine] = []
  /// Length of the head with its blank line: where the body starts.
  package internal(set) var byteCount = 0
  /// The body that really follows: none for HEAD, 1xx, 204 and 304, whatever the fields say (RFC 9112, section 6.3).
  package internal(set) var body = BodyFraming.none
  /// Whether the connection may carry another request once the body has been read to its end (RFC 9112, section 9.3).
  package internal(set) var keepAlive = false
  /// Whether Connection names anything but `close` and `keep-alive`.
  package internal(set) var hasConnectionNominations = false

  /// What names they have.
  package internal(set) var present = KnownFieldSet()

  /// An empty head, to be filled in.
  package init() {}

  /// The first line of this name.
  package func firstField(_ known: KnownField) -> FieldLine? {
    guard present.contains(known) else { return nil }
    return fields.first { $0.known == known }
  }

  /// How many lines of this name there are.
  package func fieldCount(_ known: KnownField) -> Int {
    guard present.contains(known) else { return 0 }
    if !present.isRepeated(known) { return 1 }
    return fields.count { $0.known == known }
  }

  mutating func removeAll() {
    status = 0
    fields.removeAll(keepingCapacity: true)
    present.removeAll()
    hasConnectionNominations = false
  }

  mutating func interpret(_ input: Span<UInt8>, requestMethod: Method) -> ResponseFault? {
    var framing = FramingFields()
    var options = ConnectionOptions()
    for field in fields {
      switch field.known {
      case .contentLength: framing.addContentLength(field.value)
      case .transferEncoding: framing.addTransferEncoding(field.value)
      case .connection: options.add(input, field.value.range)
      default: break
      }
    }
    keepAlive = options.persists(minorVersion: minorVersion)
    hasConnectionNominations = options.nominates
    switch framing.declared(in: input, minorVersion: minorVersion) {
    case .nothing: body = .untilClose
    case .length(let length): body = .length(length)
    case .chunked: body = .chunked
    case .failed(let fault): return .framing(fault)
    }
    if requestMethod == .head || status < 200 || status == 204 || status == 304 {
      // A server that frames what cannot have a body may send one all the same: its connection is not used again.
      if status < 200 || status == 204, !framing.isEmpty, body != .length(0) { keepAlive = false }
      body = .none
    } else if body == .untilClose {
      keepAlive = false
    }
    return nil
  }
}

/// Why a response is refused.
package enum ResponseFault: Error, Sendable, Equatable {
  case illFormedStatusLine
  case unsupportedVersion
  case headTooLarge
  case field(FieldFault)
  case framing(FramingFault)

  /// A short text for logs; never what the upstream sent.
  package var reason: String {
    switch self {
    case .illFormedStatusLine: "ill-formed status line"
    case .unsupportedVersion: "unsupported HTTP version"
    case .headTooLarge: "response head too large"
    case .field(let fault): fault.reason
    case .framing(let fault): fault.reason
    }
  }
}
