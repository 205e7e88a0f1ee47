/// What programs get where people get a page (RFC 9457).
package enum Problem {
  /// The value of `Content-Type`.
  package static let contentType = "application/problem+json"

  /// A problem document of type `about:blank`. `requestID` is left out when it is empty.
  /// - Parameter login: where a page can have its user sign in; left out when it is empty.
  package static func json(status: Int, title: String, detail: String, requestID: String, login: String = "") -> [UInt8] {
    var text = "{\"type\":\"about:blank\",\"title\":\(JSONText.quoted(title, limit: 256)),\"status\":\(status)"
    text += ",\"detail\":\(JSONText.quoted(detail))"
    if !requestID.isEmpty { text += ",\"request_id\":\(JSONText.quoted(requestID, limit: 128))" }
    if !login.isEmpty { text += ",\"login\":\(JSONText.quoted(login, limit: 256))" }
    return Array((text + "}\n").utf8)
  }

  /// The problem document of a failure, with the words of its page.
  package static func json(_ failure: Failure, requestID: String, login: String = "") -> [UInt8] {
    json(status: failure.status, title: failure.title, detail: failure.happened, requestID: requestID, login: login)
  }
}
