import Config

/// The addresses of a site that are entered at its provider or checker.
struct ProviderAddresses {
  /// Of the exact hosts, such as `https://clinic.example`.
  let origins: [String]
  /// Hosts that stand for many, as written.
  let wildcards: [String]

  init(_ site: Site, _ listeners: [Listener]) {
    let suffixes = Self.schemes(listeners)
    var origins: [String] = []
    var wildcards: [String] = []
    for host in site.hosts {
      switch host {
      case .exact(let name):
        origins += suffixes.map { "\($0.scheme)://\(name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name)\($0.port)" }
      case .wildcard(let rest): wildcards.append("*.\(rest)")
      }
    }
    self.origins = origins
    self.wildcards = wildcards
  }

  /// What browsers use; where some of it is https, only that.
  private static func schemes(_ listeners: [Listener]) -> [(scheme: String, port: String)] {
    var found: [(scheme: String, port: String)] = []
    for listener in listeners where listener.redirectPort == nil {
      let isSecure = listener.scheme.map { $0 == .https } ?? (listener.tls != nil)
      // With a scheme of its own it is behind something else, which browsers reach at the usual port.
      let isUsual = listener.scheme != nil || listener.port == (isSecure ? 443 : 80)
      let one = (scheme: isSecure ? "https" : "http", port: isUsual ? "" : ":\(listener.port)")
      if !found.contains(where: { $0 == one }) { found.append(one) }
    }
    let secure = found.filter { $0.scheme == "https" }
    return secure.isEmpty ? found : secure
  }

  /// One that is registered, if the others are.
  var redirect: String { origin + Self.callback }

  /// Of one of its hosts.
  var origin: String { origins.first ?? "https://\(wildcards.first?.dropFirst(2) ?? "localhost")" }

  private static let callback = "/.anteroom/callback"

  /// What the checker of `settings` must let people come back to.
  func lines(_ settings: ForwardLoginSettings) -> [String] {
    let place = settings.check.prefix { $0 != "?" }
    let all = origins.map { "\($0)/.anteroom/login" } + wildcards.map { "the same of each host that `\($0)` stands for" }
    return ["where people come back to from signing in, to be allowed at the checker \(place):"] + all.map { "  \($0)" }
  }

  /// What to enter at the provider of `settings`.
  func lines(_ settings: OpenIDLoginSettings) -> [String] {
    var lines = ["to be registered at \(settings.issuer) for the client `\(settings.clientID)`:"]
    for origin in origins {
      lines.append("  redirect address        \(origin)\(Self.callback)")
      if settings.logout == .provider { lines.append("  after signing out       \(origin)/.anteroom/logout") }
      lines.append("  back-channel logout     \(origin)/.anteroom/backchannel")
      lines.append("  or front-channel logout \(origin)/.anteroom/frontchannel")
    }
    for host in wildcards {
      lines.append("  and for each host that `\(host)` stands for the same addresses (few providers take a `*`)")
    }
    return lines
  }
}
