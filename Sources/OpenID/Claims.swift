import JOSE

/// The claims of a token, and those of userinfo for what the token does not say.
struct Claims: Sendable {
  let token: JSONValue
  let userinfo: JSONValue?
  /// Those that count as missing, whatever either of the two says.
  var withheld: Set<String> = []

  /// A claim of the whole name, or where there is none one inside others, named with dots between: `realm_access.roles`. `null` is none.
  subscript(_ name: String) -> JSONValue? {
    if withheld.contains(name) { return nil }
    return Self.find(name, in: token) ?? userinfo.flatMap { Self.find(name, in: $0) }
  }

  /// Everything that either of the two says.
  func all(_ name: String) -> [JSONValue] { [token, userinfo].compactMap { $0.flatMap { Self.find(name, in: $0) } } }

  private static func find(_ name: String, in claims: JSONValue) -> JSONValue? {
    if let whole = claims[name] { return whole == .null ? nil : whole }
    var value: JSONValue? = claims
    for part in name.split(separator: ".", omittingEmptySubsequences: false) { value = value?[String(part)] }
    return value == .null ? nil : value
  }

  /// A text of at most `most` bytes without control characters; `nil` where there is no such claim, or an empty one.
  func text(_ name: String, most: Int) throws(IdentityFault) -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.text else { throw .unusable("claim \(name) is no text (choose another one with claims)") }
    try Self.check(text, name, most: most)
    return text.isEmpty ? nil : text
  }

  static func check(_ text: String, _ name: String, most: Int) throws(IdentityFault) {
    guard text.utf8.count <= most else { throw .unusable("claim \(name) has a value of more than \(most) bytes") }
    // C0, DEL and C1: what a field of HTTP cannot carry, or an app may take for an end of line.
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }) else {
      throw .unusable("claim \(name) has a control character in it")
    }
  }
}
