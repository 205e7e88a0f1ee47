import JOSE

/// Why a token is not taken.
package enum TokenFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// It may be good with newer keys.
  case unknownKey
  case refused(String)

  package var description: String {
    switch self {
    case .unknownKey: "it is signed with a key that is not in the provider's key set"
    case .refused(let reason): reason
    }
  }
}
