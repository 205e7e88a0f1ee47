/// Names in the gateway's own forms, for the pages that write them and the flows that read them.
package enum FormField {
  /// The user name, at most 256 characters.
  package static let user = "user"
  package static let password = "password"
  /// The return ticket; left out of the form when there is none.
  package static let returnTicket = "return"
  /// The token that ties a form to the browser it was shown in.
  package static let token = "token"
  /// Sent with the value `open` by the page that asks before it opens the patient.
  package static let confirm = "confirm"
  package static let confirmed = "open"
  /// Sent with the value `discard` by the page that offers a form that waits.
  package static let held = "held"
  package static let discarded = "discard"
  /// The last field of an address at which a form that waits is sent on; the app never sees it.
  package static let heldMark = "anteroom-held=1"

  /// A hidden field, or nothing when the value is empty or too long to be ours.
  static func hidden(_ name: String, _ value: String) -> Markup {
    guard !value.isEmpty, value.utf8.count <= 8192 else { return "" }
    return "<input type=\"hidden\" name=\"\(name)\" value=\"\(value, limit: 8192)\">\n"
  }
}
