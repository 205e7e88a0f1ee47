/// A whole answer, of any status.
package struct FetchAnswer: Sendable, Equatable {
  /// 200 to 599.
  package var status: Int
  /// By name in lower case; lines of the same name are joined by `, `.
  package var fields: [String: String]
  /// The values of all `Set-Cookie` lines, as received.
  package var cookies: [[UInt8]] = []
  /// The values of all lines as received, by name in lower case.
  package var lines: [String: [[UInt8]]] = [:]
  /// Out of its framing.
  package var body: [UInt8]

  package init(status: Int, fields: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The media type in lower case, without parameters; empty where there is none.
  package var mediaType: String {
    let type = (fields["content-type"] ?? "").prefix { $0 != ";" }
    return type.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ").lowercased()
  }
}
