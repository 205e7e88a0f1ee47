/// Reads `identity` and `request`.
enum HeaderFieldsReader {
  static func readIdentity(_ entry: Entry, headers: inout HeaderNames, context: inout LoadContext) -> IdentityFields {
    var fields = IdentityFields(user: nil)
    let reader = BlockReader(entry.block ?? [], kind: .identity, context: &context)
    for entry in reader.entries {
      let name = headers.claim(entry.values[0], for: "identity \(entry.name)", context: &context)
      switch entry.name {
      case "user": fields.user = name
      case "name": fields.name = name
      case "email": fields.email = name
      case "groups": fields.groups = name
      default: break
      }
    }
    return fields
  }

  static func readRequest(_ entry: Entry, headers: inout HeaderNames, context: inout LoadContext) -> RequestFields {
    var fields = RequestFields()
    let reader = BlockReader(entry.block ?? [], kind: .request, context: &context)
    for entry in reader.entries {
      if entry.name == "set" {
        let name = headers.claim(entry.values[0], for: "request set", context: &context)
        let value = fieldValue(entry.values[1], context: &context)
        if let name, let value { fields.set.append(.init(name: name, value: value)) }
      } else {
        for value in entry.values {
          if let name = headers.claim(value, for: "request drop", context: &context) { fields.drop.append(name) }
        }
      }
    }
    return fields
  }

  /// Says nothing of the value itself: it may be a secret.
  private static func fieldValue(_ value: Value, context: inout LoadContext) -> String? {
    let bytes = value.text.utf8
    let fault: String? =
      if bytes.isEmpty { "the header's value is empty (to keep a header from the app, write `drop NAME`)" } else if bytes.count > 8192 {
        "the header's value is longer than 8 KB (shorten it)"
      } else if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
        "the header's value has a control character (remove it)"
      } else if bytes.first == 0x20 || bytes.last == 0x20 {
        "the header's value begins or ends with a blank (remove it)"
      } else { nil }
    guard let fault else { return value.text }
    context.error(value.position, fault)
    return nil
  }
}
