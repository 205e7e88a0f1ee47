import OpenID

/// Why there are no new tokens.
enum RefreshFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The provider has ended what the token stood for, with its reason.
  case refused(String)
  /// Nothing is known of that: it is down, or something else is wrong with it or with us.
  case unreachable(ProviderFault)

  var description: String {
    switch self {
    case .refused(let reason): reason
    case .unreachable(let fault): fault.description
    }
  }

  /// The same, where the difference does not count.
  var provider: ProviderFault {
    switch self {
    case .refused(let reason): ProviderFault(reason)
    case .unreachable(let fault): fault
    }
  }
}
