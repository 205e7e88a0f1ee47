/// Reads `listen`.
struct ListenReader {
  private var seen: [Key: Position] = [:]

  private struct Key: Hashable {
    var address: IPAddress
    var port: UInt16
  }

  mutating func read(_ entry: Entry, context: inout LoadContext) -> Listener? {
    let before = context.diagnostics.count
    let block = BlockReader(entry.block ?? [], kind: .listen, context: &context)
    let connections = block.first("connections").flatMap { LimitsReader.readListener($0, context: &context) }
    let tls = Self.readTLS(block, context: &context)
    let redirectPort = block.first("redirect").flatMap { Self.readRedirect($0, isSecure: block.isGiven("tls"), context: &context) }
    let scheme = Self.readScheme(block, context: &context)
    let proxies =
      block.isGiven("proxy_protocol")
      ? context.networks(block.all("proxy_protocol"), everybody: "anybody may name any client (name the balancers' own addresses)") : nil
    let value = entry.values[0]
    guard let (host, port) = Self.split(value.text), let address = IPAddress(host) else {
      context.error(value.position, "`\(value.shown)` is not an address to listen on (\(Self.mend(value.text)))")
      return nil
    }
    if port != 0 {
      let key = Key(address: address, port: port)
      if let earlier = seen[key] {
        context.error(
          value.position, "`\(value.shown)` is listened on twice (the first is at \(earlier.shown(from: value.position)); keep one)")
        return nil
      }
      seen[key] = value.position
    }
    if !address.isPrivate, !block.isGiven("tls"), redirectPort == nil, scheme != .https {
      context.warning(
        value.position,
        "plain HTTP on a public address (`\(value.shown)`): patient addresses and passwords travel in the clear "
          + "(add `tls CERTIFICATE KEY`, or listen on 127.0.0.1 or a private address; `scheme https` if TLS ends before this gateway)")
    }
    return context.diagnostics[before...].contains { $0.severity == .error }
      ? nil
      : Listener(
        address: host, port: port, connections: connections, tls: tls, redirectPort: redirectPort, proxies: proxies, scheme: scheme)
  }

  /// `scheme`, which cannot gainsay what else the listener does.
  private static func readScheme(_ block: BlockReader, context: inout LoadContext) -> Listener.Scheme? {
    guard let entry = block.first("scheme"), let scheme = context.choice(entry.values[0], ["http": Listener.Scheme.http, "https": .https])
    else { return nil }
    if scheme == .http, block.isGiven("tls") {
      context.error(entry.position, "`scheme http` on a listener with `tls`: browsers use https here (remove one of them)")
    }
    if scheme == .https, block.isGiven("redirect") {
      context.error(entry.position, "`scheme https` with `redirect https` would go round in circles (remove one of them)")
    }
    return scheme
  }

  private static func readTLS(_ block: BlockReader, context: inout LoadContext) -> ListenerTLS? {
    let certificates = block.all("tls").compactMap { context.certificate($0.values[0], $0.values[1]) }
    var authority: ListenerTLS.ClientAuthority?
    if let entry = block.first("client_ca") {
      if !block.isGiven("tls") {
        context.error(entry.position, "`client_ca` without `tls`: without TLS there are no certificates (add `tls CERTIFICATE KEY`)")
      }
      var isRequired = true
      if entry.values.count > 1 { isRequired = context.choice(entry.values[1], ["optional": false]) ?? true }
      if let path = context.neededFile("the file of authorities", entry.values[0]) {
        authority = ListenerTLS.ClientAuthority(path: path, isRequired: isRequired, position: entry.values[0].position)
      }
    }
    return certificates.isEmpty ? nil : ListenerTLS(certificates: certificates, clientAuthority: authority)
  }

  /// `https [PORT]`
  private static func readRedirect(_ entry: Entry, isSecure: Bool, context: inout LoadContext) -> UInt16? {
    guard context.choice(entry.values[0], ["https": ()]) != nil else { return nil }
    if isSecure {
      context.error(entry.position, "`redirect https` on a listener with `tls` would go round in circles (put it on the plain listener)")
      return nil
    }
    guard entry.values.count > 1 else { return 443 }
    return context.number(entry.values[1], 1...65535).map { UInt16($0) }
  }

  /// `v4:port` or `[v6]:port`; the address without brackets.
  private static func split(_ text: String) -> (host: String, port: UInt16)? {
    guard let colon = text.lastIndex(of: ":"), let number = ValueText.digits(text[text.index(after: colon)...]),
      let port = UInt16(exactly: number)
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") { return (String(host.dropFirst().dropLast()), port) }
    return host.contains(":") ? nil : (String(host), port)
  }

  private static func mend(_ text: String) -> String {
    if text.contains("://") { return "an address and a port, without http://" }
    if text.utf8.first == UInt8(ascii: "/") || text.hasPrefix("unix:") { return "Unix sockets are not supported in this version" }
    let isBarePort = text.utf8.first == UInt8(ascii: ":") && ValueText.digits(text.dropFirst()) != nil
    if isBarePort || ValueText.digits(text[...]) != nil {
      let port = isBarePort ? text.dropFirst() : text[...]
      return "an address too: 127.0.0.1:\(port), or 0.0.0.0:\(port) for every address"
    }
    if IPAddress(text)?.bytes.count == 4, !text.contains(":") { return "add a port: \(text):8080" }
    if text.utf8.first != UInt8(ascii: "["), text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1 {
      return "an IPv6 address stands in brackets, with a port behind: [::1]:8080"
    }
    if text.contains("%") { return "an address without a zone" }
    guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
      return "a numeric address and a port, such as 127.0.0.1:8080 or [::1]:8080"
    }
    let port = text[text.index(after: colon)...]
    guard let number = ValueText.digits(port), number <= 65535 else { return "the port is a number from 0 to 65535" }
    return "a numeric address, not a name: 127.0.0.1:\(port), [::1]:\(port), or 0.0.0.0:\(port) for every address"
  }
}
