/// An issuer's address in its parts. What is compared with what a provider says of itself is the text as written, never these.
struct IssuerAddress {
  var isSecure: Bool
  /// In lower case, an IPv6 address without its brackets.
  var host: String
  /// Empty, or beginning with `/`.
  var path: Substring

  /// `nil` unless it is `http://` or `https://`, a host that can be one, and perhaps a port and a path.
  init?(_ text: String) {
    isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" }
    path = rest[authority.endIndex...]
    let name: Substring
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      name = authority[authority.index(after: authority.startIndex)..<end]
      guard name.contains(":"), IPAddress(String(name)) != nil, Self.isPort(authority[authority.index(after: end)...]) else { return nil }
    } else {
      name = authority.prefix { $0 != ":" }
      guard HostName.isValid(String(name), allowingUnderscore: true), Self.isPort(authority[name.endIndex...]) else { return nil }
    }
    host = name.lowercased()
  }

  /// Nothing, or a colon and a number from 1 to 65535.
  private static func isPort(_ text: Substring) -> Bool {
    guard !text.isEmpty else { return true }
    guard text.hasPrefix(":"), let number = ValueText.digits(text.dropFirst()) else { return false }
    return (1...65535).contains(number)
  }

  var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

  /// Whether it stands for all tenants of Microsoft Entra, strangers' among them, and not for one.
  var isEveryTenant: Bool {
    guard Self.entraHosts.contains(host), let tenant = path.split(separator: "/").first else { return false }
    return ["common", "organizations", "consumers"].contains(tenant.lowercased())
  }

  /// Whether it is Google's, with which everybody has, or can make, an account.
  var isGoogle: Bool { host == "accounts.google.com" }

  private static let entraHosts: Set<String> = [
    "login.microsoftonline.com", "login.microsoftonline.us", "login.microsoftonline.de", "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn", "login.windows.net", "login.microsoft.com", "sts.windows.net",
  ]
}
