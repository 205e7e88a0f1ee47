import Crypto

/// The parts of a password hash that say what checking it costs, without checking it.
struct PasswordHashShape {
  /// Kind and cost parameters, everything before the salt: hashes that share it take the same time.
  let cost: String
  /// The same kind, cost and salt with a digest of dots, which no password has.
  let decoy: String

  /// `nil` for a kind that never verifies, and for a hash that is cut short or otherwise not one (crypt(5)).
  init?(_ hash: String) {
    guard let kind = PasswordHash.kind(of: hash), hash.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
      return nil
    }
    let split: (cost: Int, digest: Int, digestCount: Int)? =
      switch kind {
      case .bcrypt: Self.bcrypt(hash)
      case .sha512: Self.fields(hash, digestCount: 86, parameters: hash.hasPrefix("$6$rounds=") ? 1 : 0)
      case .sha256: Self.fields(hash, digestCount: 43, parameters: hash.hasPrefix("$5$rounds=") ? 1 : 0)
      case .yescrypt, .gostYescrypt: Self.fields(hash, digestCount: 43, parameters: 1)
      case .scrypt: Self.scrypt(hash)
      }
    guard let split, hash.utf8.dropFirst(split.digest).allSatisfy(Self.isDigit) else { return nil }
    cost = String(hash.prefix(split.cost))
    decoy = String(hash.prefix(split.digest)) + String(repeating: ".", count: split.digestCount)
    guard decoy != hash else { return nil }
  }

  private static func bcrypt(_ hash: String) -> (cost: Int, digest: Int, digestCount: Int)? {
    let bytes = [UInt8](hash.utf8)
    guard bytes.count == 60, bytes[6] == UInt8(ascii: "$"), bytes[7...].allSatisfy(isDigit),
      let rounds = Int(hash.dropFirst(4).prefix(2)), (4...31).contains(rounds)
    else { return nil }
    return (7, 29, 31)
  }

  /// `$kind$parameters$salt$digest`, the parameters only if there are any.
  private static func fields(_ hash: String, digestCount: Int, parameters: Int) -> (cost: Int, digest: Int, digestCount: Int)? {
    let fields = hash.split(separator: "$", omittingEmptySubsequences: false)
    guard fields.count == 4 + parameters, !fields[1 + parameters].isEmpty, !fields[2 + parameters].isEmpty,
      fields[3 + parameters].utf8.count == digestCount
    else {
      return nil
    }
    let cost = fields.prefix(2 + parameters).reduce(0) { $0 + $1.utf8.count + 1 }
    return (cost, hash.utf8.count - digestCount, digestCount)
  }

  /// `$7$`, eleven characters of parameters, the salt, `$` and the digest.
  private static func scrypt(_ hash: String) -> (cost: Int, digest: Int, digestCount: Int)? {
    let fields = hash.split(separator: "$", omittingEmptySubsequences: false)
    guard fields.count == 4, fields[2].utf8.count > 11, fields[3].utf8.count == 43 else { return nil }
    return (14, hash.utf8.count - 43, 43)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}
