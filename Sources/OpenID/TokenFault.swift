import JOSE

/// Why a token is not taken.
package enum TokenFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// It may be good with newer keys.
  case unknownKey
  case refused(String)
  /// Nobody can tell: the provider's keys are not to be had.
  case unavailable(ProviderFault)

  /// Which of two providers' words counts: that nobody can tell is not undone by another one's refusal.
  package func outweighing(_ other: TokenFault) -> TokenFault {
    if case .unavailable = self { self } else { other }
  }

  package var description: String {
    switch self {
    case .unknownKey: "it is signed with a key that is not in the provider's key set"
    case .refused(let reason): reason
    case .unavailable(let fault): "the provider's keys are not known: \(fault)"
    }
  }
}
