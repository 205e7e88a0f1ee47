import HTTP
import Policy

/// Which fields of a client's request go on to the app, decided once for each site.
struct ForwardedFields: Sendable {
  // By KnownField's number.
  private let passes: [Bool]
  let owned: OwnedFields

  init(owned: OwnedFields) {
    self.owned = owned
    var passes = [Bool](repeating: false, count: 256)
    for known in KnownField.allCases {
      let name = [UInt8](known.lowercaseName.utf8)
      let isSpecial =
        switch known {
        case .other, .host, .contentLength, .cookie, .referer, .expect, .xForwardedFor, .xForwardedHost, .xForwardedProto, .forwarded,
          .xRequestID:
          true
        default: known.isHopByHop
        }
      passes[Int(known.rawValue)] = !isSpecial && !owned.contains(name.span)
    }
    self.passes = passes
  }

  func passes(_ known: KnownField) -> Bool { passes[Int(known.rawValue)] }
}
