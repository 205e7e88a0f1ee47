import COpenSSL
import COpenSSLShim
import Crypto
import Synchronization

/// The secrets from which the keys of session tickets come: made here, kept in memory only, and forgotten, so that no file that is stolen later
/// opens what was recorded before.
package final class TicketSecrets: Sendable {
  /// For how many seconds a secret makes tickets; for as many more it opens them.
  package static let lifetime: Int64 = 8 * 3600

  struct Generation: Sendable {
    let number: Int
    let secret: Secret
    let since: Int64
  }

  private let state: Mutex<[Generation]>
  private let clock: @Sendable () -> Int64

  /// - Parameter clock: seconds of a clock that never goes back.
  package init(clock: @escaping @Sendable () -> Int64) {
    self.clock = clock
    state = Mutex([Generation(number: 0, secret: .random(count: 32), since: clock())])
  }

  /// The secret that makes tickets, and then the one before it, while it still opens some.
  var generations: [Generation] {
    let now = clock()
    return state.withLock { state in
      if let newest = state.first, now - newest.since >= Self.lifetime {
        let next = Generation(number: newest.number + 1, secret: .random(count: 32), since: now)
        // One that nobody has looked at for long opens nothing any more.
        state = now - newest.since < 2 * Self.lifetime ? [next, newest] : [next]
      }
      return state
    }
  }
}

/// The keys of session tickets for one set of settings: a ticket from another one does not open, so that nobody takes a session from where less is
/// asked of him to where more is.
final class TicketKeys: Sendable {
  struct Key: Sendable {
    let generation: Int
    /// 16 bytes that name the key in its tickets.
    let name: [UInt8]
    /// AES-256 and HMAC-SHA-256, 32 bytes each.
    let secret: Secret
  }

  private let secrets: TicketSecrets
  private let settings: String
  private let derived = Mutex<[Key]>([])

  /// - Parameter settings: differs where anything does that a session depends on.
  init(_ secrets: TicketSecrets, settings: [UInt8]) {
    self.secrets = secrets
    self.settings = Base64URL.encode(settings)
  }

  /// The key that makes tickets, and then others that still open them.
  var keys: [Key] {
    let generations = secrets.generations
    return derived.withLock { derived in
      if derived.map(\.generation) != generations.map(\.number) {
        derived = generations.map { generation in
          let name = HKDF.derive(from: generation.secret, info: "tls ticket name " + settings, count: 16)
          return Key(
            generation: generation.number, name: name.withBytes { name in (0..<16).map { name[$0] } },
            secret: HKDF.derive(from: generation.secret, info: "tls ticket " + settings, count: 64))
        }
      }
      return derived
    }
  }

  /// Prepares the two contexts to make or open a ticket, as `SSL_CTX_set_tlsext_ticket_key_evp_cb` wants it.
  ///
  /// - Parameters: as OpenSSL's callback gets them: 16 bytes of name and of IV, to be written when `isMaking`, else to be read.
  /// - Returns: 1, or 0 for a ticket of no key of ours, or 2 for one that is to be renewed; -1 when OpenSSL fails.
  func prepare(
    _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer,
    isMaking: Bool
  ) -> Int32 {
    let keys = keys
    if isMaking {
      let fresh = Random.bytes(16)
      // Safe: OpenSSL lends 16 bytes of each.
      for index in 0..<16 {
        unsafe name[index] = keys[0].name[index]
        unsafe vector[index] = fresh[index]
      }
      return unsafe start(keys[0], vector, cipher, mac, isMaking: true) ? 1 : -1
    }
    // Safe: OpenSSL lends 16 bytes.
    guard let place = keys.firstIndex(where: { key in (0..<16).allSatisfy { unsafe name[$0] == key.name[$0] } }) else { return 0 }
    guard unsafe start(keys[place], vector, cipher, mac, isMaking: false) else { return -1 }
    return place == 0 ? 1 : 2
  }

  private func start(_ key: Key, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer, isMaking: Bool)
    -> Bool
  {
    key.secret.withBytes { bytes in
      // Safe: the 64 bytes of the secret live for the calls, and OpenSSL copies what it needs; the HMAC key is not written to.
      unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return false }
        let isReady =
          unsafe isMaking
          ? EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, base, vector)
          : EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, base, vector)
        return unsafe isReady == 1 && anteroom_mac_start(mac, UnsafeMutablePointer(mutating: base + 32), 32) == 1
      }
    }
  }
}
