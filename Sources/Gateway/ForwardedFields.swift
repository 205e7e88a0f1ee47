import HTTP
import Policy

/// Which fields of a client's request go on to the app, decided once for each site.
final class ForwardedFields: Sendable {
  /// Those that go on as they are.
  let passing: KnownFieldSet
  let owned: OwnedFields

  init(owned: OwnedFields) {
    self.owned = owned
    passing = KnownFieldSet(
      KnownField.allCases.filter { known in
        switch known {
        case .other, .host, .contentLength, .cookie, .referer, .expect, .xForwardedFor, .xForwardedHost, .xForwardedProto, .forwarded,
          .xRequestID:
          return false
        default:
          let name = [UInt8](known.lowercaseName.utf8)
          return !known.isHopByHop && !owned.contains(name.span)
        }
      })
  }

  func passes(_ known: KnownField) -> Bool { passing.contains(known) }
}
