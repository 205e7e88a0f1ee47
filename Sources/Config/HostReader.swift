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
