/// Reads `upstream`.
enum UpstreamReader {
  static func read(_ entry: Entry, listeners: [Listener], context: inout LoadContext) -> (
    addresses: [UpstreamAddress], settings: UpstreamSettings
  ) {
    let settings = entry.block.map { UpstreamSettingsReader.read($0, context: &context) } ?? UpstreamSettings()
    var addresses: [UpstreamAddress] = []
    for value in entry.values {
      guard let address = address(value, context: &context) else { continue }
      guard !addresses.contains(address) else {
        context.error(value.position, "`\(value.shown)` is named twice (keep one)")
        continue
      }
      if let listener = listeners.first(where: { isSame($0, address) }) {
        let shown = listener.address.contains(":") ? "[\(listener.address)]" : listener.address
        context.error(
          value.position, "`\(value.shown)` is this gateway itself, by `listen \(shown):\(listener.port)` (name the app's own port)")
        continue
      }
      addresses.append(address)
    }
    checkTLS(entry, addresses, settings, context: &context)
    return (addresses, settings)
  }

  /// An upstream that is one of our own listeners would ask itself until every connection is used up.
  private static func isSame(_ listener: Listener, _ upstream: UpstreamAddress) -> Bool {
    guard listener.port == upstream.port, let listening = IPAddress(listener.address) else { return false }
    if upstream.host == "localhost" { return listening.isUnspecified || listening.isLoopback }
    guard let address = IPAddress(upstream.host) else { return false }
    return address == listening || listening.isUnspecified && address.isLoopback
  }

  private static func address(_ value: Value, context: inout LoadContext) -> UpstreamAddress? {
    let isSecure = value.text.lowercased().hasPrefix("https://")
    guard isSecure || value.text.lowercased().hasPrefix("http://") else {
      context.error(value.position, "`\(value.shown)` is not an upstream (write it as http://HOST:PORT, such as http://127.0.0.1:9000)")
      return nil
    }
    var rest = value.text.dropFirst(isSecure ? 8 : 7)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard !rest.contains(where: { "/?#@\\".contains($0) }) else {
      context.error(value.position, "`\(value.shown)` is more than a host and port (leave the rest out: requests keep their own path)")
      return nil
    }
    guard let (host, port) = split(rest, isSecure ? 443 : 80) else {
      context.error(value.position, "`\(value.shown)` has no usable port (a number from 1 to 65535)")
      return nil
    }
    var address = check(host, port, value, context: &context)
    address?.isSecure = isSecure
    return address
  }

  /// What is said of TLS has to mean something.
  private static func checkTLS(_ entry: Entry, _ addresses: [UpstreamAddress], _ settings: UpstreamSettings, context: inout LoadContext) {
    guard settings.tls != UpstreamTLS(), let first = entry.block?.first(where: { UpstreamSettingsReader.tlsNames.contains($0.name) }) else {
      return
    }
    if !addresses.isEmpty, !addresses.contains(where: \.isSecure) {
      context.error(first.position, "`\(first.name)` is about TLS, which no address here speaks (write the upstream as https://HOST:PORT)")
    }
    if !settings.tls.verifies {
      context.warning(
        first.position,
        "`verify off`: whoever answers in the app's place is believed, and gets all that people send (name its authority with `ca FILE`)")
    }
  }

  /// Host and port, or the port that goes without saying.
  static func split(_ text: Substring, _ standard: UInt16) -> (host: String, port: UInt16)? {
    if text.hasSuffix("]") || !text.contains(":") { return (String(text), standard) }
    guard let colon = text.lastIndex(of: ":"), let number = ValueText.digits(text[text.index(after: colon)...]),
      let port = UInt16(exactly: number), port > 0
    else { return nil }
    return (String(text[..<colon]), port)
  }

  private static func check(_ host: String, _ port: UInt16, _ value: Value, context: inout LoadContext) -> UpstreamAddress? {
    var host = host.lowercased()
    if host.hasPrefix("["), host.hasSuffix("]"), let inner = IPAddress(String(host.dropFirst().dropLast())), host.contains(":") {
      host = String(host.dropFirst().dropLast())
      return check(inner, host, port, value, context: &context)
    }
    guard !host.contains(":"), !host.contains("[") else {
      context.error(value.position, "`\(value.shown)` has no usable host (an IPv6 address stands in brackets: http://[::1]:9000)")
      return nil
    }
    guard HostName.isValid(host, allowingUnderscore: true) else {
      context.error(value.position, "`\(value.shown)` has no usable host (a name or an address, such as http://127.0.0.1:9000)")
      return nil
    }
    guard let address = IPAddress(host) else { return UpstreamAddress(host: host, port: port) }
    return check(address, host, port, value, context: &context)
  }

  private static func check(_ address: IPAddress, _ host: String, _ port: UInt16, _ value: Value, context: inout LoadContext)
    -> UpstreamAddress?
  {
    guard !address.isUnspecified else {
      context.error(value.position, "`\(value.shown)` names no machine (write http://127.0.0.1:\(port) for this one)")
      return nil
    }
    if !address.isPrivate {
      context.warning(
        value.position,
        "an upstream on a public address: people could reach it directly, past the login (use loopback or a private network)")
    }
    return UpstreamAddress(host: host, port: port)
  }
}
