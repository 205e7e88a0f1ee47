import Crypto
import Session

/// The keys that a ring gives for one purpose: what was made for one purpose never opens as another.
struct PurposeKeys: Sendable {
  /// What one key of the ring gives.
  final class Key: Sendable {
    /// The four bytes that name the ring's key.
    let id: [UInt8]
    let secret: Secret

    init(id: [UInt8], secret: Secret) {
      self.id = id
      self.secret = secret
    }
  }

  private let ring: KeyRing
  // In the order of the ring's.
  private let keys: [Key]
  /// The purpose as bytes, what keys are derived for.
  let info: [UInt8]
  /// The part of a sealed value's context that is the purpose's.
  let context: [UInt8]

  /// How far ahead of ours, in seconds, the clock of another process that shares the ring may be.
  static let clockTolerance: Int64 = 60

  private static let version: UInt8 = 1
  /// Bytes in front of what is sealed: the version and the key's id.
  private static let headCount = 5

  init(_ ring: KeyRing, purpose: String) {
    self.ring = ring
    info = [UInt8](purpose.utf8)
    context = Audience.purposeContext(purpose)
    var keys: [Key] = []
    for key in ring.keys {
      // Of two keys of one name the newer one counts.
      let known = keys.first { $0.id == key.id }
      keys.append(known ?? Key(id: key.id, secret: HKDF.derive(from: key.secret, info: purpose)))
    }
    self.keys = keys
  }

  /// The key that makes new values at `now`.
  func sealing(at now: Int64) -> Key { keys[ring.sealingIndex(at: now)] }

  /// The key that `id` names, as long as it is in the ring.
  func secret(id: [UInt8]) -> Secret? { keys.first { $0.id == id }?.secret }

  /// A version, the key's id, and `content` sealed for `audience`.
  func seal(_ content: [UInt8], for audience: Audience, now: Int64, using crypto: CryptoContext) -> [UInt8] {
    seal(content, context: audience.context, now: now, using: crypto)
  }

  /// The same for a place that is not a browser's.
  func seal(_ content: [UInt8], context place: [UInt8], now: Int64, using crypto: CryptoContext) -> [UInt8] {
    let key = sealing(at: now)
    var writer = SealedWriter(capacity: Self.headCount + AEAD.nonceCount + content.count + AEAD.tagCount)
    writer.write(Self.version)
    writer.write(fixed: key.id)
    writer.writeRoom(AEAD.nonceCount)
    writer.write(fixed: content)
    crypto.aead.seal(
      &writer.bytes, from: Self.headCount, key: key.secret, context: context, place, random: crypto.random)
    return writer.bytes
  }

  /// What `seal` was given; `nil` for anything that it did not make for this purpose and `audience`.
  func open(_ sealed: [UInt8], for audience: Audience, using crypto: CryptoContext) -> [UInt8]? {
    open(sealed, context: audience.context, using: crypto)
  }

  func open(_ sealed: [UInt8], context place: [UInt8], using crypto: CryptoContext) -> [UInt8]? {
    var fields = SealedReader(sealed)
    guard fields.readUInt8() == Self.version, let id = fields.readFixed(4), let secret = secret(id: id) else { return nil }
    return crypto.aead.open(sealed.span.extracting(Self.headCount..<sealed.count), key: secret, context: context, place)
  }
}
