/// What arrived at the demo's legacy app.
package struct DemoRequest: Sendable {
  package var method: String
  /// Path as sent, without the query.
  package var path: String
  /// Query as sent, without the question mark; `nil` when there is none.
  package var query: String?
  /// Header fields in the order in which they arrived.
  package var fields: [(name: String, value: String)]
  /// Notes so far, oldest first.
  package var notes: [DemoNote]

  package init(method: String, path: String, query: String?, fields: [(name: String, value: String)], notes: [DemoNote] = []) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.notes = notes
  }

  /// The value of the first field of that name, in any case.
  package func field(_ name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The id that arrived: in the gateway's patient header, or in the query as old apps read it.
  package var patientID: String? {
    field(DemoRequest.patientField) ?? query.flatMap { DemoForm.value(of: "patient_id", in: $0) }
  }

  /// Who is at the screen, as the gateway says.
  package var user: String? { field("X-Auth-Name") ?? field("X-Auth-User") }

  static let patientField = "X-Cliniko-Patient-Id"
}

/// A note that somebody wrote in the demo's legacy app.
package struct DemoNote: Sendable, Equatable {
  package var patientID: String
  package var author: String
  package var text: String

  package init(patientID: String, author: String, text: String) {
    self.patientID = patientID
    self.author = author
    self.text = text
  }
}

/// `application/x-www-form-urlencoded`, as the demo's forms send it (URL Standard 5.1).
enum DemoForm {
  static func value(of name: String, in text: String) -> String? {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if decode(parts[0]) == name { return parts.count > 1 ? decode(parts[1]) : "" }
    }
    return nil
  }

  private static func decode(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)).hexDigitValue }
        if digits.count == 2, let high = digits[0], let low = digits[1] {
          bytes.append(UInt8(high * 16 + low))
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
        }
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
