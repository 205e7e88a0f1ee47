/// Key derivation, HKDF with SHA-256 (RFC 5869).
package enum HKDF {
  /// Derives `count` bytes (1...8160) for the purpose that `info` names.
  package static func derive(from secret: Secret, salt: [UInt8] = [], info: String, count: Int = 32) -> Secret {
    Secret(expand(extract(secret, salt: salt), info: [UInt8](info.utf8), count: count))
  }

  static func extract(_ secret: Secret, salt: [UInt8]) -> Secret {
    let salt = Secret(salt.isEmpty ? [UInt8](repeating: 0, count: 32) : salt)
    return secret.withBytes { material in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(material.count)
      for i in 0..<material.count { bytes.append(material[i]) }
      return Secret(SHA256.hmac(key: salt, bytes))
    }
  }

  static func expand(_ key: Secret, info: [UInt8], count: Int) -> [UInt8] {
    precondition(count > 0 && count <= 255 * 32)
    var output: [UInt8] = []
    output.reserveCapacity(count + 32)
    var block: [UInt8] = []
    var counter: UInt8 = 1
    while output.count < count {
      block = SHA256.hmac(key: key, block + info + [counter])
      output += block
      counter &+= 1
    }
    output.removeLast(output.count - count)
    return output
  }
}
