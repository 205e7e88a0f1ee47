import Config
import JOSE

/// Why claims do not let somebody in.
package enum IdentityFault: Error, Sendable, Equatable {
  /// No `allow` of the site fits.
  case notAllowed
  /// The claims do not say what they must, in words for an operator.
  case unusable(String)
}

/// Who somebody is to the site, and whether it lets them in.
package struct IdentityRules: Sendable {
  package init(_ settings: OpenIDLoginSettings) {}

  /// Whether a wanted claim, or one that an `allow` asks for, is missing: userinfo may have it.
  package func wantsMore(than claims: JSONValue) -> Bool { false }

  /// - Parameter userinfo: asked only for what the token does not say; its `sub` must be the token's.
  package func identity(_ claims: JSONValue, userinfo: JSONValue?) throws(IdentityFault) -> Identity { throw .notAllowed }
}
