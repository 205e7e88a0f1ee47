/// The protocol version that a request named.
package enum AccessProtocol: Sendable {
  case http10
  case http11
  /// No request line could be read.
  case unknown

  var text: StaticString {
    switch self {
    case .http10: "HTTP/1.0"
    case .http11: "HTTP/1.1"
    case .unknown: "-"
    }
  }
}

/// How a request came to its end.
package enum AccessEnd: Sendable {
  /// Request and answer went through whole.
  case ok
  /// The client went away before the answer's end.
  case clientClosed
  /// The client sent its head or body, or took the answer, too slowly.
  case clientTimeout
  /// The client's framing is refused.
  case clientMalformed
  /// No connection to an upstream came about.
  case upstreamUnreachable
  /// The upstream closed before the answer's end.
  case upstreamClosed
  /// The upstream's answer did not come, or did not go on, in time.
  case upstreamTimeout
  /// The upstream's answer is no HTTP that may be passed on.
  case upstreamMalformed
  /// A limit of the gateway's own: connections, queues.
  case overload
  /// The gateway ended before the request did.
  case shutdown
  /// A WebSocket or a stream of events whose session has ended.
  case sessionEnded
  /// A fault of the gateway's own.
  case fault

  var text: StaticString {
    switch self {
    case .ok: "ok"
    case .clientClosed: "client-closed"
    case .clientTimeout: "client-timeout"
    case .clientMalformed: "client-malformed"
    case .upstreamUnreachable: "upstream-unreachable"
    case .upstreamClosed: "upstream-closed"
    case .upstreamTimeout: "upstream-timeout"
    case .upstreamMalformed: "upstream-malformed"
    case .overload: "overload"
    case .shutdown: "shutdown"
    case .sessionEnded: "session-ended"
    case .fault: "fault"
    }
  }
}

/// What an access line says in numbers.
package struct AccessEntry: Sendable {
  /// Milliseconds since 1970, UTC: when the request's first byte came.
  package var time: Int64
  package var version: AccessProtocol
  /// The status sent to the client; 0 when none was.
  package var status: Int
  /// Bytes sent to the client, head included.
  package var bytesOut: Int64
  /// Bytes received from the client, head included.
  package var bytesIn: Int64
  /// From the request's first byte to the answer's last, in microseconds.
  package var totalMicroseconds: Int64
  /// From the first byte sent to the upstream to the head of its answer, in microseconds; negative when no upstream was asked.
  package var upstreamMicroseconds: Int64
  package var end: AccessEnd

  /// `upstreamMicroseconds` is negative when no upstream was asked; `status` 0 when no answer was sent.
  package init(
    time: Int64, version: AccessProtocol, status: Int, bytesOut: Int64, bytesIn: Int64, totalMicroseconds: Int64,
    upstreamMicroseconds: Int64 = -1, end: AccessEnd = .ok
  ) {
    self.time = time
    self.version = version
    self.status = status
    self.bytesOut = bytesOut
    self.bytesIn = bytesIn
    self.totalMicroseconds = totalMicroseconds
    self.upstreamMicroseconds = upstreamMicroseconds
    self.end = end
  }
}

/// Where a long value is cut: bytes of output.
enum AccessLimit {
  static let requestID = 64
  static let client = 64
  static let site = 256
  static let user = 256
  static let method = 48
  static let path = 1024
  static let upstream = 256
  /// More than all of the above, the numbers, the JSON names and the newline together.
  static let line = 4096
}
