/// A request of the gateway's own: a GET, or a POST of a form.
package struct FetchRequest: Sendable {
  package var address: FetchAddress
  /// The form of a POST, encoded; `nil` for a GET.
  package var form: [UInt8]?
  /// The value of Authorization, a secret.
  package var authorization: String?
  /// Media types that the answer may have.
  package var accept: String

  package init(_ address: FetchAddress, form: [UInt8]? = nil, authorization: String? = nil, accept: String = "application/json") {
    self.address = address
    self.form = form
    self.authorization = authorization
    self.accept = accept
  }

  /// The message as it is sent; `nil` when a value has bytes that no field value of ours may have.
  var bytes: [UInt8]? {
    var fields = [("Host", address.authority), ("User-Agent", "anteroom"), ("Accept", accept), ("Accept-Encoding", "identity")]
    if let authorization { fields.append(("Authorization", authorization)) }
    if let form {
      fields.append(("Content-Type", "application/x-www-form-urlencoded"))
      fields.append(("Content-Length", "\(form.count)"))
    }
    fields.append(("Connection", "close"))
    // What is in a value may be from elsewhere: a line break would begin another field.
    guard fields.allSatisfy({ $0.1.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }) else { return nil }
    let lines = fields.map { "\($0): \($1)\r\n" }.joined()
    return Array("\(form == nil ? "GET" : "POST") \(address.target) HTTP/1.1\r\n\(lines)\r\n".utf8) + (form ?? [])
  }
}
