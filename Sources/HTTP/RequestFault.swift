/// Why a request is refused.
package enum RequestFault: Error, Sendable, Equatable {
  case illFormedRequestLine
  case illFormedTarget
  case byteOutsideASCIIInTarget
  case fragmentInTarget
  case requestLineTooLong
  case headTooLarge
  case unsupportedVersion
  case connectNotServed
  case missingHost
  case repeatedHost
  case illFormedHost
  case hostUnlikeTarget
  case unknownExpectation
  case field(FieldFault)
  case framing(FramingFault)

  /// The status of the answer.
  package var status: Int {
    switch self {
    case .requestLineTooLong: 414
    case .headTooLarge, .field(.tooManyFields): 431
    case .unsupportedVersion: 505
    case .connectNotServed, .framing(.unknownTransferCoding): 501
    case .unknownExpectation: 417
    default: 400
    }
  }

  /// A short text for logs and error pages; never what the client sent.
  package var reason: String {
    switch self {
    case .illFormedRequestLine: "ill-formed request line"
    case .illFormedTarget: "ill-formed request target"
    case .byteOutsideASCIIInTarget: "byte over 0x7F in the request target"
    case .fragmentInTarget: "fragment in the request target"
    case .requestLineTooLong: "request line too long"
    case .headTooLarge: "request head too large"
    case .unsupportedVersion: "unsupported HTTP version"
    case .connectNotServed: "CONNECT is not served"
    case .missingHost: "no Host"
    case .repeatedHost: "more than one Host"
    case .illFormedHost: "ill-formed Host"
    case .hostUnlikeTarget: "Host unlike the request target"
    case .unknownExpectation: "unknown expectation"
    case .field(let fault): fault.reason
    case .framing(let fault): fault.reason
    }
  }
}
