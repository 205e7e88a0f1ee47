/// Host names as `site` and `upstream` take them.
enum HostName {
  /// Labels of letters, digits and dashes (RFC 1123 section 2.1), 63 bytes each and 253 in all; `_` too where names of machines may have it.
  static func isValid(_ host: String, allowingUnderscore: Bool = false) -> Bool {
    guard (1...253).contains(host.utf8.count) else { return false }
    let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy({ isLabel($0, allowingUnderscore: allowingUnderscore) }) else { return false }
    // A name whose last label is a number would be read as an address.
    guard let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) else { return true }
    return IPAddress(host) != nil
  }

  private static func isLabel(_ label: Substring.UTF8View, allowingUnderscore: Bool) -> Bool {
    guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else { return false }
    return label.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
      case UInt8(ascii: "_"): allowingUnderscore
      default: false
      }
    }
  }
}

extension LoadContext {
  /// A host of a `site`, in lower case and without a final dot.
  mutating func hostPattern(_ value: Value) -> HostPattern? {
    var host = value.text.lowercased()
    if host.utf8.last == UInt8(ascii: "."), host.utf8.count > 1 { host.removeLast() }
    let isWildcard = host.hasPrefix("*.")
    let name = isWildcard ? String(host.dropFirst(2)) : host
    if let mend = Self.hostMend(value.text, name: name) {
      error(value.position, "`\(value.shown)` is not a host (\(mend))")
      return nil
    }
    return isWildcard ? .wildcard(name) : .exact(name)
  }

  /// How to mend a host, or `nil` if nothing is wrong with it.
  private static func hostMend(_ text: String, name: String) -> String? {
    if text.utf8.contains(where: { $0 >= 0x80 }) { return "write an international name in its ASCII form, which begins with xn--" }
    if text.contains("://") { return "the name alone, without http:// and without a path" }
    if text.utf8.first == UInt8(ascii: "[") || IPAddress(text)?.bytes.count == 16 { return "a name, or an IPv4 address" }
    if text.contains("/") { return "the name alone, without a path" }
    if text.contains(":") { return "leave the port out: every listener serves every site" }
    if text == "*" { return "name the hosts: a host that no site names is answered 421" }
    if name.contains("*") { return "a `*` can only be the whole first label: *.example.com" }
    if name.contains("_") { return "browsers' host names have no underscore" }
    if text.hasPrefix("*."), IPAddress(name) != nil { return "an address has no wildcard" }
    if HostName.isValid(name) { return nil }
    return "labels of letters, digits and dashes with dots between them, such as app.example.com"
  }
}
