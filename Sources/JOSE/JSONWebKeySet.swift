import Crypto

/// A provider's public keys (RFC 7517).
package struct JSONWebKeySet: Sendable {
  /// One of them, which is for signatures.
  struct Key: Sendable {
    /// `kid`
    var id: String?
    /// `alg`, where the key is for that one alone.
    var algorithm: SignatureAlgorithm?
    var key: PublicKey

    func isFor(_ other: SignatureAlgorithm) -> Bool { key.kind.fits(other.scheme) && (algorithm == nil || algorithm == other) }
  }

  static let most = 100

  let keys: [Key]

  /// Keys that are not for signatures, of unknown kinds, of too few bits or malformed are left out: a set may have others for others.
  package init(_ document: JSONValue) throws(JOSEFault) {
    guard case .array(let entries)? = document["keys"] else { throw .refused("the key set has no list \"keys\"") }
    guard entries.count <= Self.most else { throw .refused("the key set has more than \(Self.most) keys") }
    keys = entries.compactMap(Self.key)
  }

  /// Whether no key of the set can be used.
  package var isEmpty: Bool { keys.isEmpty }

  private static func key(_ entry: JSONValue) -> Key? {
    if let use = entry["use"], use.text != "sig" { return nil }
    if let operations = entry["key_ops"], !operations.texts.contains("verify") { return nil }
    guard let key = publicKey(entry) else { return nil }
    var found = Key(id: nil, algorithm: nil, key: key)
    if let id = entry["kid"] {
      guard let text = id.text else { return nil }
      found.id = text
    }
    if let name = entry["alg"] {
      guard let algorithm = name.text.flatMap(SignatureAlgorithm.init), key.kind.fits(algorithm.scheme) else { return nil }
      found.algorithm = algorithm
    }
    return found
  }

  private static func publicKey(_ entry: JSONValue) -> PublicKey? {
    func bytes(_ name: String) -> [UInt8]? { entry[name]?.text.flatMap { Base64URL.decode($0) } }
    switch (entry["kty"]?.text, entry["crv"]?.text) {
    case ("RSA", _):
      guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
      return PublicKey(modulus: modulus, exponent: exponent)
    case ("EC", "P-256"), ("EC", "P-384"):
      guard let x = bytes("x"), let y = bytes("y") else { return nil }
      return PublicKey(curve: entry["crv"]?.text == "P-256" ? .p256 : .p384, x: x, y: y)
    case ("OKP", "Ed25519"): return bytes("x").flatMap { PublicKey(ed25519: $0) }
    default: return nil
    }
  }
}
