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
    let scheme = block.first("scheme").flatMap { context.choice($0.values[0], ["http": Listener.Scheme.http, "https": .https]) }
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
    if !address.isPrivate, scheme != .https {
      context.warning(
        value.position,
        "plain HTTP on a public address (`\(value.shown)`): patient addresses and passwords travel in the clear "
          + "(listen on 127.0.0.1 or a private address; `scheme https` if TLS ends before this gateway)")
    }
    return context.diagnostics[before...].contains { $0.severity == .error }
      ? nil : Listener(address: host, port: port, connections: connections, proxies: proxies, scheme: scheme)
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
