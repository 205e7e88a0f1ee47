/// Why a key set or a token is not taken.
package enum JOSEFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The token names a key, or a kind of key, that the set does not have: a newer set may.
  case unknownKey
  case refused(String)

  package var description: String {
    switch self {
    case .unknownKey: "it is signed with a key that is not in the provider's key set"
    case .refused(let reason): reason
    }
  }
}
