import Crypto

/// A signed token (RFC 7515, section 7.1; RFC 7519) with JSON claims, taken apart but not verified.
package struct SignedToken: Sendable {
  /// Bytes of the longest one.
  package static let longest = 65536

  /// `kid`
  package let keyID: String?
  /// `typ`, as it stands there.
  package let type: String?
  /// `alg`
  package let algorithmName: String
  /// Header and payload as they are signed.
  private let message: [UInt8]
  private let payload: [UInt8]
  private let signature: [UInt8]

  package init(_ text: [UInt8]) throws(JOSEFault) {
    guard text.count <= Self.longest else { throw .refused("it is longer than \(Self.longest) bytes") }
    let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .refused("it has not three parts") }
    guard let header = Self.decoded(parts[0]), let payload = Self.decoded(parts[1]), let signature = Self.decoded(parts[2]) else {
      throw .refused("a part is not base64url without padding")
    }
    self.payload = payload
    self.signature = signature
    message = Array(text[..<parts[1].endIndex])
    let fields = try object(header, "header")
    // Whatever it names would have to be understood (RFC 7515, section 4.1.11), and there is nothing that is.
    guard fields["crit"] == nil else { throw .refused("its header has crit, of which nothing is understood here") }
    guard let algorithm = fields["alg"]?.text else { throw .refused("its header has no alg") }
    algorithmName = algorithm
    keyID = try Self.text(fields, "kid")
    type = try Self.text(fields, "typ")
  }

  /// The claims, once a key of the set has verified the signature. A token that names its key is tried with the keys of that name, or if
  /// there is none with those that have none; others with every key that fits.
  ///
  /// - Parameter algorithms: those that are taken; `alg` must be one, and the key must be for it.
  /// - Throws: `.unknownKey` where a newer set may have the key.
  package func verify(_ keys: JSONWebKeySet, algorithms: Set<SignatureAlgorithm>) throws(JOSEFault) -> JSONValue {
    guard let algorithm = SignatureAlgorithm(rawValue: algorithmName), algorithms.contains(algorithm) else {
      throw .refused("it is signed with an algorithm that is not taken")
    }
    var candidates = keys.keys
    var isNamed = false
    if let keyID {
      let named = candidates.filter { key in key.id.map { isSame($0, keyID) } ?? false }
      isNamed = !named.isEmpty
      candidates = isNamed ? named : candidates.filter { $0.id == nil }
    }
    let isGenuine = candidates.contains { key in
      key.isFor(algorithm) && key.key.verify(message, signature: signature, scheme: algorithm.scheme)
    }
    guard isGenuine else { throw isNamed ? .refused("its signature is not that of the key that it names") : .unknownKey }
    return try object(payload, "payload")
  }

  private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8]? { Base64URL.decode(part.span) }

  private static func text(_ fields: JSONValue, _ name: String) throws(JOSEFault) -> String? {
    guard let value = fields[name] else { return nil }
    guard let text = value.text else { throw .refused("\(name) in its header is no text") }
    return text
  }
}

private func object(_ bytes: [UInt8], _ part: String) throws(JOSEFault) -> JSONValue {
  do throws(JSONFault) {
    let value = try JSONValue(bytes)
    if case .object = value { return value }
  } catch { throw .refused("its \(part) is no JSON: \(error)") }
  throw .refused("its \(part) is no JSON object")
}

/// A signed token (RFC 7515, section 7.1) in the way that the key's kind signs.
///
/// - Parameter keyID: `kid`, where the receiver knows the key by one.
package func signedToken(claims: JSONValue, key: PrivateKey, keyID: String?) throws(JOSEFault) -> String {
  guard let algorithm = SignatureAlgorithm.allCases.first(where: { $0.scheme == key.scheme }) else {
    throw .refused("the key is of a kind that no algorithm is for")
  }
  var header: [String: JSONValue] = ["alg": .text(algorithm.rawValue), "typ": .text("JWT")]
  if let keyID { header["kid"] = .text(keyID) }
  let message = Base64URL.encode(JSONValue.object(header).bytes) + "." + Base64URL.encode(claims.bytes)
  guard let signature = key.sign([UInt8](message.utf8), scheme: algorithm.scheme) else { throw .refused("the key does not sign") }
  return message + "." + Base64URL.encode(signature)
}
