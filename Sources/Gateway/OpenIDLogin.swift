import Config
import Crypto
import OpenID
import Session

/// One `login oidc`, compiled: shared by all loops, and by all sites that write the same.
final class OpenIDLogin: Sendable {
  let settings: OpenIDLoginSettings
  /// `SessionContent.login`: the same as long as issuer and client are.
  let id: String
  /// What sessions must carry: changes with whom the login lets in, and with the claims that say who somebody is.
  let stamp: [UInt8]
  let rules: IdentityRules
  let provider: OpenIDProvider
  /// The sign-ins that the provider may be asked about at once.
  let exchanges: Gate
  let usedLogoutTokens: UsedTokens
  /// Fingerprints of codes that were sent to the provider: for one that comes twice it takes back what it gave for it (RFC 6749, section 4.1.2).
  let usedCodes = UsedTokens()

  init(_ settings: OpenIDLoginSettings, provider: OpenIDProvider, exchanges: Int, usedLogoutTokens: UsedTokens = UsedTokens()) {
    self.usedLogoutTokens = usedLogoutTokens
    self.settings = settings
    self.provider = provider
    self.exchanges = Gate(limit: exchanges)
    rules = IdentityRules(settings)
    id = Self.id(settings)
    stamp = Self.stamp(settings)
  }

  /// Fits into a cookie, and into `SignInAttempt`.
  static func id(_ settings: OpenIDLoginSettings) -> String {
    var writer = SealedWriter()
    writer.write(settings.issuer)
    writer.write(settings.clientID)
    return "openid-" + Base64URL.encode(Array(SHA256.hash(writer.bytes).prefix(12)))
  }

  private static func stamp(_ settings: OpenIDLoginSettings) -> [UInt8] {
    var writer = SealedWriter()
    writer.write(settings.issuer)
    writer.write(settings.clientID)
    for rule in settings.allow {
      switch rule {
      case .emailDomain(let domain): writer.write(["e-mail", domain])
      case .group(let group): writer.write(["group", group])
      case .claim(let name, let value): writer.write(["claim", name, value])
      }
    }
    let claims = settings.claims
    writer.write([claims.user, claims.name, claims.email, claims.groups])
    return Array(SHA256.hash(writer.bytes).prefix(SessionContent.stampCount))
  }
}

/// One way to sign in at a site.
struct SiteLogin: Sendable {
  enum Kind: Sendable {
    case password
    case openID(OpenIDLogin)
    case app(AppLogin)
    case forward(ForwardLogin)
  }

  /// As the choice calls it.
  let title: String
  let kind: Kind

  /// `SessionContent.login`.
  var id: String {
    switch kind {
    case .password: SessionContent.passwordLogin
    case .openID(let login): login.id
    case .app, .forward: SessionContent.outsideLogin
    }
  }
}

extension Settings {
  /// The logins of all sites that ask a provider. Those that a configuration before this had too go on, with all they know.
  /// - Parameter make: reads the files that it names.
  /// - Throws: `Diagnostic`, when one of them is faulty.
  static func openIDLogins(
    _ configuration: Configuration, before: [OpenIDLogin] = [], make: (OpenIDLoginSettings) throws(Diagnostic) -> OpenIDProvider
  ) throws(Diagnostic) -> [OpenIDLogin] {
    var logins: [OpenIDLogin] = []
    for login in configuration.sites.flatMap(\.logins) {
      guard case .openID(let settings) = login.kind, !logins.contains(where: { $0.settings == settings }) else { continue }
      let known = before.first { $0.settings == settings }
      // What its files hold may have changed.
      if let known, !settings.namesFiles {
        logins.append(known)
      } else {
        logins.append(
          OpenIDLogin(
            settings, provider: try make(settings), exchanges: configuration.limits.pendingLogins,
            usedLogoutTokens: known?.usedLogoutTokens ?? UsedTokens()))
      }
    }
    return logins
  }
}

extension OpenIDLoginSettings {
  /// A key or authorities are read from files, which a reload reads anew.
  fileprivate var namesFiles: Bool {
    if case .privateKey = credential { return true }
    return authorities != nil
  }
}
