import HTTP
import Policy

/// Which fields of a client's request go on to the app, decided once for each site.
final class ForwardedFields: Sendable {
  /// Those that go on as they are.
  let passing: KnownFieldSet
  let owned: OwnedFields
  /// Whether some directive has taken the name of a field that would otherwise pass in part.
  let ownsCookie: Bool
  let ownsReferer: Bool

  init(owned: OwnedFields) {
    self.owned = owned
    ownsCookie = Self.owns(.cookie, owned)
    ownsReferer = Self.owns(.referer, owned)
    passing = KnownFieldSet(
      KnownField.allCases.filter { known in
        switch known {
        case .other, .host, .contentLength, .cookie, .referer, .expect, .xForwardedFor, .xForwardedHost, .xForwardedProto, .forwarded,
          .xRequestID:
          return false
        default: return !known.isHopByHop && !Self.owns(known, owned)
        }
      })
  }

  func passes(_ known: KnownField) -> Bool { passing.contains(known) }

  private static func owns(_ known: KnownField, _ owned: OwnedFields) -> Bool {
    let name = [UInt8](known.lowercaseName.utf8)
    return owned.contains(name.span)
  }
}
