import Config
import EventLoop
import HTTP
import Login
import Policy

/// Whose request it is, by what the trusted proxy says whose connection it came by.
final class ToldClient {
  /// The client's address and those of the proxies after it, the one whose connection it is at the end.
  let path: [[UInt8]]
  let isSecure: Bool
  /// The host that the client asked for, where the Host field names no site and this one does: a range of the head's bytes.
  var host: Range<Int>?
  /// The fields contradict each other.
  let isContradictory: Bool

  init(path: [[UInt8]], isSecure: Bool, host: Range<Int>?, isContradictory: Bool = false) {
    self.path = path
    self.isSecure = isSecure
    self.host = host
    self.isContradictory = isContradictory
  }

  /// The client's address as text.
  var client: [UInt8] { path[0] }

  /// More than the addresses take in the lines for the app.
  var roomForLines: Int { path.reduce(0) { $0 + 2 * $1.count + 32 } }
}

extension Exchange {
  /// Finds out whose request it is, if the connection is a trusted proxy's.
  func askProxy(_ connection: ClientConnection) {
    let trusted = rules.generation.configuration.trustedProxies
    func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
    guard let peer = IPAddress(bytes: connection.peer.bytes), isTrusted(peer) else { return }
    let bytes = headBytes
    var path = [connection.peerText]
    var told = ForwardedClient()
    var isContradictory = false
    switch ForwardedClient.read(bytes.span, forwardingLines, isTrusted: isTrusted) {
    case .nothing: break
    case .client(let client):
      told = client
      path = client.path.compactMap { SocketAddress(bytes: $0.bytes, port: 0)?.hostText } + path
    case .malformed: warnOfProxy(connection, "the client's address is none")
    case .contradiction:
      isContradictory = true
      warnOfProxy(connection, "Forwarded and X-Forwarded fields contradict each other")
    }
    let isSecure = connection.listener.mayBecomeSecure && told.isSecure == true
    self.told = ToldClient(path: path, isSecure: isSecure, host: told.host, isContradictory: isContradictory)
  }

  /// The Host field's value, unless that names no site and the one of which a trusted proxy tells does.
  func chooseHost() {
    guard let told, let range = told.host else { return }
    let bytes = headBytes
    let hosts = rules.generation.settings.hosts
    let isNeeded = hosts.match(bytes.span.extracting(head.host.range)) == nil && hosts.match(bytes.span.extracting(range)) != nil
    if !isNeeded { told.host = nil }
  }

  private var forwardingLines: ForwardingLines {
    var lines = ForwardingLines()
    for field in head.fields {
      switch field.known {
      case .forwarded: lines.forwarded.append(field.value.range)
      case .xForwardedFor: lines.xForwardedFor.append(field.value.range)
      case .xForwardedProto: lines.xForwardedProto.append(field.value.range)
      case .xForwardedHost: lines.xForwardedHost.append(field.value.range)
      default: break
      }
    }
    return lines
  }

  private func warnOfProxy(_ connection: ClientConnection, _ reason: String) {
    worker.services.forwardingWarning.warn(["proxy": connection.peer.host, "reason": reason])
  }

  // MARK: What follows from it

  /// The address of whoever sent the request, as text.
  func clientText(_ connection: ClientConnection) -> [UInt8] { told?.client ?? connection.peerText }

  /// What its failed logins and waiting addresses count for.
  func clientNetwork(_ connection: ClientConnection) -> ClientNetwork? {
    ClientNetwork(text: String(decoding: clientText(connection), as: UTF8.self))
  }

  /// Where the host that the browser asked for stands in the head's bytes.
  var hostRange: Range<Int> { told?.host ?? head.host.range }

  /// Writes the lines from `X-Forwarded-For` up to the value of `Via` for a request that a trusted proxy has passed on: what it says is kept, as
  /// far as it is believed, and its own address added.
  func writeForwarding(_ told: ToldClient, _ host: HostContext, to output: inout OutputSpan<UInt8>) {
    output.appendLiteral("X-Forwarded-For: ")
    for (index, address) in told.path.enumerated() {
      if index > 0 { output.appendLiteral(", ") }
      output.append(copying: address)
    }
    output.append(copying: host.forwardingMiddle)
    for (index, address) in told.path.enumerated() {
      if index > 0 { output.appendLiteral(", for=") }
      output.appendForwardedNode(address, isIPv6: address.contains(UInt8(ascii: ":")))
      if index == 0 { output.append(copying: host.forwardingHost) }
    }
    output.appendLiteral("\r\nVia: ")
  }
}

extension OutputSpan<UInt8> {
  /// RFC 7239, section 4: a value with a colon or brackets is a quoted string.
  mutating func appendForwardedNode(_ address: [UInt8], isIPv6: Bool) {
    if isIPv6 { appendLiteral("\"[") }
    append(copying: address)
    if isIPv6 { appendLiteral("]\"") }
  }
}
