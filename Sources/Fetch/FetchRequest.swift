/// A request of the gateway's own: a GET, or a POST of a form or of something else.
package struct FetchRequest: Sendable {
  /// What a POST carries.
  package struct Content: Sendable, Equatable {
    package var type: String
    package var bytes: [UInt8]

    package init(type: String, bytes: [UInt8]) {
      self.type = type
      self.bytes = bytes
    }
  }

  package var address: FetchAddress
  /// The body of a POST; `nil` for a GET.
  package var content: Content?
  /// The value of Authorization, a secret.
  package var authorization: String?
  /// Media types that the answer may have.
  package var accept: String
  /// What the Host field says in place of the address's own.
  package var host: String?
  /// Whom the server's certificate has to be for, in place of the address's host.
  package var serverName: String?
  /// Further fields, Authorization among them where `authorization` has none. A value may have bytes from 0x80 on, as a browser has sent them.
  package var fields: [(name: String, value: [UInt8])] = []

  package init(_ address: FetchAddress, form: [UInt8]? = nil, authorization: String? = nil, accept: String = "application/json") {
    self.address = address
    content = form.map { Content(type: "application/x-www-form-urlencoded", bytes: $0) }
    self.authorization = authorization
    self.accept = accept
  }

  var isPost: Bool { content != nil }

  private static let ownNames: Set = [
    "host", "accept", "accept-encoding", "content-type", "content-length", "transfer-encoding", "connection", "te",
    "upgrade", "expect",
  ]

  /// The message as it is sent; `nil` when a value has bytes that no field value of ours may have, or a further field is one of ours.
  var bytes: [UInt8]? {
    var own = [("Host", host ?? address.authority), ("Accept", accept), ("Accept-Encoding", "identity")]
    if !fields.contains(where: { $0.name.lowercased() == "user-agent" }) { own.append(("User-Agent", "anteroom")) }
    if let authorization { own.append(("Authorization", authorization)) }
    if let content {
      own.append(("Content-Type", content.type))
      own.append(("Content-Length", "\(content.bytes.count)"))
    }
    own.append(("Connection", "close"))
    // What is in a value may be from elsewhere: a line break would begin another field.
    guard own.allSatisfy({ $0.1.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }) else { return nil }
    guard
      fields.allSatisfy({ field in
        !field.name.isEmpty && field.name.utf8.allSatisfy(Self.isNameByte) && !Self.ownNames.contains(field.name.lowercased())
          && (authorization == nil || field.name.lowercased() != "authorization") && field.value.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
      })
    else { return nil }
    var message = Array("\(content == nil ? "GET" : "POST") \(address.target) HTTP/1.1\r\n".utf8)
    for (name, value) in own { message += "\(name): \(value)\r\n".utf8 }
    for (name, value) in fields { message += Array("\(name): ".utf8) + value + Array("\r\n".utf8) }
    return message + Array("\r\n".utf8) + (content?.bytes ?? [])
  }

  // Letters, digits and dashes do for all fields that are sent.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
