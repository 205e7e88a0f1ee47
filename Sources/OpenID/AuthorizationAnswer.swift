import JOSE

/// What a browser brings back from the provider (RFC 6749, section 4.1.2; RFC 9207), from a query or a form. Whoever sends the browser chooses every
/// byte of it.
package enum AuthorizationAnswer: Sendable, Equatable {
  case code(String, state: String, issuer: String?)
  /// With the error's code.
  case error(String, state: String?, issuer: String?)
  /// Not to be acted on at all: a parameter twice, none of those that count, or one that is too long.
  case malformed

  /// Largest query or body in bytes.
  package static let maximumCount = 32 << 10
  private static let maximumFields = 32
  private static let maximumCode = 8 << 10
  private static let maximumState = 8 << 10
  private static let maximumIssuer = 2048
  private static let maximumError = 128

  /// - Parameter form: the query without its `?`, or the body.
  package init(form: [UInt8]) {
    guard form.count <= Self.maximumCount, let pairs = FormEncoding.decoded(form, limit: Self.maximumFields),
      // Which of two was meant, nobody knows.
      Set(pairs.map(\.name)).count == pairs.count
    else {
      self = .malformed
      return
    }
    // What has no value counts as left out (RFC 6749, section 3.1).
    let values = Dictionary(uniqueKeysWithValues: pairs.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) })
    self = Self.read(values) ?? .malformed
  }

  private static func read(_ values: [String: String]) -> AuthorizationAnswer? {
    for (name, limit) in [("code", maximumCode), ("state", maximumState), ("iss", maximumIssuer), ("error", maximumError)] {
      if let value = values[name], value.utf8.count > limit || !value.isPlain { return nil }
    }
    switch (values["code"], values["error"], values["state"]) {
    case (let code?, nil, let state?): return .code(code, state: state, issuer: values["iss"])
    case (nil, let error?, let state): return .error(error, state: state, issuer: values["iss"])
    default: return nil
    }
  }

  /// Whether it may be the answer of this provider (RFC 9207, section 2.4): it says so, or need not say.
  package func mayCome(from metadata: ProviderMetadata) -> Bool {
    switch self {
    case .code(_, _, let issuer?), .error(_, _, let issuer?): Self.isIssuer(issuer, of: metadata)
    case .code, .error: !metadata.announcesIssuer
    case .malformed: false
    }
  }

  /// For an issuer that stands for many, whose tenant it is shows in the ID token.
  private static func isIssuer(_ issuer: String, of metadata: ProviderMetadata) -> Bool {
    let parts = issuer.split(separator: "/", omittingEmptySubsequences: false)
    let tenant = parts.count > 3 ? String(parts[3]) : ""
    return TenantIssuer.fits(.object(["iss": .text(issuer), "tid": .text(tenant)]), issuer: metadata.tokenIssuer)
  }
}

extension String {
  /// Whether it is all blanks and visible ASCII, as codes and tokens are (RFC 6749, appendix A).
  var isPlain: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
