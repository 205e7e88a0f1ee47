import CCrypt

/// Password hashes in the notation of crypt(5), through libcrypt.
package enum PasswordHash {
  /// The kinds that verify; every other one (DES, MD5, empty, unknown) never does.
  package enum Kind: Sendable {
    case yescrypt, gostYescrypt, scrypt, bcrypt, sha512, sha256
  }

  /// What kind `hash` is by its prefix; `nil` for a kind that is refused.
  package static func kind(of hash: String) -> Kind? {
    switch true {
    case hash.hasPrefix("$y$"): .yescrypt
    case hash.hasPrefix("$gy$"): .gostYescrypt
    case hash.hasPrefix("$7$"): .scrypt
    case hash.hasPrefix("$2b$"), hash.hasPrefix("$2y$"), hash.hasPrefix("$2a$"): .bcrypt
    case hash.hasPrefix("$6$"): .sha512
    case hash.hasPrefix("$5$"): .sha256
    default: nil
    }
  }

  /// Whether `password` is the one that `hash` was made from. Takes tens of milliseconds or more: never on an event loop.
  ///
  /// False for an empty password, one that holds a NUL (crypt would cut it there), and kinds that `kind(of:)` refuses.
  package static func verify(_ password: [UInt8], against hash: String) -> Bool {
    guard !password.isEmpty, !password.contains(0), kind(of: hash) != nil, let computed = crypt(password, setting: hash) else {
      return false
    }
    return ConstantTime.equal([UInt8](computed.utf8), [UInt8](hash.utf8))
  }

  /// A yescrypt hash of `password` with a random salt at libcrypt's default cost; `nil` if it is empty or holds a NUL.
  package static func make(_ password: [UInt8]) -> String? {
    guard !password.isEmpty, !password.contains(0) else { return nil }
    var salt = Random.bytes(16).map { CChar(bitPattern: $0) }
    var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    // Safe: both buffers live for the call and are as long as libcrypt is told; the result is read from our own buffer.
    guard unsafe crypt_gensalt_rn("$y$", 0, &salt, Int32(salt.count), &setting, Int32(setting.count)) != nil else { return nil }
    return crypt(password, setting: string(setting))
  }

  private static func crypt(_ password: [UInt8], setting: String) -> String? {
    var phrase = password.map { CChar(bitPattern: $0) } + [0]
    // `crypt_data` is 32 KiB: on the heap, zeroed as crypt_r asks, and wiped by the loop below before it is freed.
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    unsafe UnsafeMutableRawPointer(data).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<crypt_data>.size)
    defer {
      unsafe wipe(UnsafeMutableRawPointer(data), MemoryLayout<crypt_data>.size)
      unsafe phrase.withUnsafeMutableBytes { if let base = $0.baseAddress { unsafe wipe(base, $0.count) } }
      unsafe data.deallocate()
    }
    // Safe: `phrase` and `setting` are NUL-terminated for the call; the answer points into `data`, copied before it is freed.
    guard let answer = unsafe crypt_r(phrase, setting, data) else { return nil }
    let text = unsafe String(cString: answer)
    return text.hasPrefix("*") ? nil : text
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
