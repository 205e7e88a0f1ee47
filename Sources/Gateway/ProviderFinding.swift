import Config
import JOSE
import OpenID

/// Something that `check --online` has to say of a provider, with the mend in parentheses.
struct ProviderFinding: Sendable, Equatable {
  let isError: Bool
  let message: String

  static func error(_ message: String) -> ProviderFinding { ProviderFinding(isError: true, message: message) }
  static func warning(_ message: String) -> ProviderFinding { ProviderFinding(isError: false, message: message) }

  /// Seconds that clocks may differ.
  private static let clockTolerance: Int64 = 60

  /// What the Date of an answer shows, given the times when it was asked for and when it came, in seconds since 1970.
  static func ofClock(_ date: Int64?, asked: Int64, answered: Int64) -> [ProviderFinding] {
    guard let date else { return [] }
    // It was written some time between the two.
    let difference = date > answered ? date - answered : date < asked ? date - asked : 0
    guard abs(difference) > clockTolerance else { return [] }
    let way = difference > 0 ? "behind" : "ahead of"
    return [.error("this machine's clock is \(abs(difference)) s \(way) the provider's: no token will be taken (set it, best by NTP)")]
  }

  /// What the metadata show that the settings do not fit.
  static func ofMetadata(_ document: JSONValue, _ metadata: ProviderMetadata, _ settings: OpenIDLoginSettings) -> [ProviderFinding] {
    var found: [ProviderFinding] = []
    // Some that take it do not list it.
    if let methods = document["code_challenge_methods_supported"]?.texts, !methods.contains("S256") {
      found.append(.error("the provider does not offer PKCE with S256 (turn it on there)"))
    }
    if let modes = document["response_modes_supported"]?.texts, settings.responseMode == .formPost, !modes.contains("form_post") {
      found.append(.error("the provider does not offer form_post (write `response_mode query`)"))
    }
    if let scopes = document["scopes_supported"]?.texts {
      for scope in settings.scopes where !scopes.contains(scope) {
        found.append(.warning("the provider does not list the scope `\(scope)` (take it out of `scopes`, or add it there)"))
      }
    }
    if let claims = document["claims_supported"]?.texts {
      for claim in wanted(settings) where !claims.contains(claim) {
        found.append(
          .warning("the provider does not list the claim `\(claim)` (have it put into the ID token or userinfo, or name another one)"))
      }
    }
    if settings.logout == .provider, metadata.endSessionEndpoint == nil {
      found.append(.warning("the provider has no address to sign out at: people stay signed in there (write `logout local`)"))
    }
    return found + ofAuthentication(metadata, settings)
  }

  /// Those without which a site does not know whom it lets in.
  private static func wanted(_ settings: OpenIDLoginSettings) -> [String] {
    var claims = [settings.claims.user, settings.claims.name, settings.claims.email]
    for rule in settings.allow {
      switch rule {
      case .emailDomain: break
      case .group: claims.append(settings.claims.groups)
      case .claim(let name, _): claims.append(name)
      }
    }
    if settings.claims.groups != OpenIDLoginSettings.ClaimNames().groups { claims.append(settings.claims.groups) }
    return claims.enumerated().filter { claims.firstIndex(of: $1) == $0 }.map(\.element)
  }

  private static func ofAuthentication(_ metadata: ProviderMetadata, _ settings: OpenIDLoginSettings) -> [ProviderFinding] {
    let needed: [String]
    switch settings.credential {
    case .none: needed = ["none"]
    case .secret: needed = ["client_secret_basic", "client_secret_post"]
    case .privateKey: needed = ["private_key_jwt"]
    }
    guard !metadata.tokenAuthMethods.contains(where: needed.contains) else { return [] }
    let methods = metadata.tokenAuthMethods.joined(separator: ", ")
    return [
      .warning(
        "the provider does not list \(needed.joined(separator: " or ")) for its token endpoint, but \(methods) (is the credential of the right kind?)"
      )
    ]
  }

  /// What the answer to a code that never was shows of the client.
  static func ofRefusal(_ refusal: TokenRefusal) -> [ProviderFinding] {
    switch refusal.code {
    case "invalid_client":
      [
        .error(
          "the provider does not take the client's credentials: \(refusal) (are `client_id` and the secret or key those that are registered?)"
        )
      ]
    case "unauthorized_client":
      [.error("the provider does not let this client sign people in: \(refusal) (allow it the authorization code flow there)")]
    // Only whoever is known is told that the code is wrong. Which is said first where the request is malformed, nobody knows.
    case "invalid_grant", "invalid_request": []
    default: [.warning("whether the provider takes the client's credentials cannot be told: \(refusal)")]
    }
  }
}
