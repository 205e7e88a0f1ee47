/// Why claims do not let somebody in.
package enum IdentityFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// No `allow` of the site fits.
  case notAllowed
  /// The claims do not say what they must, in words for an operator, with the mend in parentheses.
  case unusable(String)

  package var description: String {
    switch self {
    case .notAllowed: "no allow of the site fits"
    case .unusable(let reason): reason
    }
  }
}
