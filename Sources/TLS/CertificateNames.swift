/// The names that certificates are for, and which certificates answer for a name that a client asks for.
///
/// Of several certificates with a key of the same kind the exact name wins over the wildcard, and of equals the first; those of different kinds
/// stand beside each other, for the client to choose.
struct CertificateNames {
  /// Places in the list of certificates, in its order: at most one for each kind of key.
  private var exact: [[UInt8]: [Int]] = [:]
  private var wildcards: [[UInt8]: [Int]] = [:]
  private let kinds: [KeyKind]
  /// For a client that asks for no name, or for one that no certificate has.
  private(set) var fallback: [Int] = []

  init(_ certificates: [CertificateFacts]) {
    kinds = certificates.map(\.keyKind)
    for (index, certificate) in certificates.enumerated() {
      for name in certificate.names {
        let bytes = [UInt8](name.utf8)
        if name.hasPrefix("*.") {
          add(index, to: &wildcards[Array(bytes.dropFirst(2)), default: []])
        } else {
          add(index, to: &exact[bytes, default: []])
        }
      }
    }
    // The first certificate, and those beside it for its first name.
    guard let first = certificates.first else { return }
    fallback = first.names.first.map { choice(for: [UInt8]($0.utf8)) } ?? []
    if !fallback.contains(0) { fallback = [0] }
  }

  private func add(_ index: Int, to places: inout [Int]) {
    if !places.contains(where: { kinds[$0] == kinds[index] }) { places.append(index) }
  }

  /// The certificates for a name in lower case, without a final dot.
  func choice(for name: [UInt8]) -> [Int] {
    var places = exact[name] ?? []
    // A wildcard stands for one whole label (RFC 9525, section 6.3).
    if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0, let wildcard = wildcards[Array(name[(dot + 1)...])] {
      for index in wildcard { add(index, to: &places) }
    }
    return places.isEmpty ? fallback : places.sorted()
  }

  /// Every choice that there can be.
  var choices: Set<[Int]> {
    var all: Set<[Int]> = [fallback]
    for name in exact.keys { all.insert(choice(for: name)) }
    for rest in wildcards.keys { all.insert(choice(for: [UInt8(ascii: "*"), UInt8(ascii: ".")] + rest)) }
    return all
  }
}
