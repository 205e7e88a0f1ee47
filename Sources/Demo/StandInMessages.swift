import HTTP

/// A whole request as a stand-in's site gets it.
package struct StandInRequest: Sendable {
  /// As sent.
  package let method: String
  /// As sent, without the query; `/` where an absolute form has none.
  package let path: String
  /// As sent, without the question mark; `nil` when there is none.
  package let query: String?
  /// In the order in which they arrived.
  package let fields: [(name: String, value: String)]
  /// Out of its framing; at most `StandInConnection.bodyLimit` bytes.
  package internal(set) var body: [UInt8] = []

  /// `bytes` begins with the head that was parsed.
  init(_ head: RequestHead, in bytes: Span<UInt8>) {
    func text(_ range: ByteRange) -> String {
      var copy: [UInt8] = []
      copy.append(copying: bytes.extracting(range.range))
      return String(decoding: copy, as: UTF8.self)
    }
    method = text(head.methodRange)
    path = head.path.isEmpty ? "/" : text(head.path)
    query = head.query.map(text)
    fields = head.fields.map { (text($0.name), text($0.value)) }
  }
}

/// What a stand-in's site answers.
package struct StandInAnswer: Sendable {
  /// One of those that have a phrase below; others are sent without one.
  package var status: Int
  /// Beside those that the server sets: Date, Content-Length, Connection. Names and values are the program's own, never a client's.
  package var fields: [(name: String, value: String)]
  package var body: [UInt8]

  package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// A line of plain text.
  package static func text(_ status: Int, _ line: String) -> StandInAnswer {
    StandInAnswer(status: status, fields: [("Content-Type", "text/plain; charset=utf-8")], body: [UInt8]((line + "\n").utf8))
  }

  /// Appends the message (RFC 9112, sections 4 to 6).
  /// - Parameters:
  ///   - keepAlive: whether the connection stays open.
  ///   - now: seconds since 1970 UTC.
  func append(to output: inout [UInt8], isHead: Bool, minorVersion: UInt8, keepAlive: Bool, now: Int64) {
    output.appendASCII("HTTP/1.1 ")
    output.appendDecimal(status)
    output.appendASCII(" \(Self.phrase(status))\r\nDate: ")
    HTTPDate(secondsSince1970: now).appendIMFFixdate(to: &output)
    output.appendASCII("\r\nContent-Length: ")
    output.appendDecimal(body.count)
    output.appendASCII("\r\n")
    if !keepAlive {
      output.appendASCII("Connection: close\r\n")
    } else if minorVersion == 0 {
      output.appendASCII("Connection: keep-alive\r\n")
    }
    for field in fields { output.appendASCII("\(field.name): \(field.value)\r\n") }
    output.appendASCII("\r\n")
    if !isHead { output += body }
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 303: "See Other"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 417: "Expectation Failed"
    case 431: "Request Header Fields Too Large"
    case 501: "Not Implemented"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }
}
