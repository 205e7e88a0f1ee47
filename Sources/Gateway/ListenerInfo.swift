import Config

/// What a connection knows about the listener it came by.
final class ListenerInfo: Sendable {
  /// How many connections may wait in the kernel's queue, for each loop.
  static let backlog: Int32 = 4096

  /// Its place in the configuration.
  let index: Int
  /// `address:port`, for logs.
  let name: String
  /// Whether browsers use https here, whatever anybody says. Which cookies are ours follows from the request: see `HostContext`.
  let isSecure: Bool
  /// A trusted proxy may say that browsers use https.
  let mayBecomeSecure: Bool
  /// Who may connect, and sends a PROXY header first; `nil` for anybody, without one.
  let proxies: [IPNetwork]?

  init(index: Int, name: String, isSecure: Bool, mayBecomeSecure: Bool = false, proxies: [IPNetwork]? = nil) {
    self.index = index
    self.name = name
    self.isSecure = isSecure
    self.mayBecomeSecure = mayBecomeSecure && !isSecure
    self.proxies = proxies
  }

  /// As configured, and bound to an address.
  convenience init(_ listener: Listener, index: Int, name: String) {
    self.init(
      index: index, name: name, isSecure: listener.scheme == .https, mayBecomeSecure: listener.scheme == nil, proxies: listener.proxies)
  }
}
