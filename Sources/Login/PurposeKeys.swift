import Crypto
import Session

/// The keys that a ring gives for one purpose: what was made for one purpose never opens as another.
struct PurposeKeys: Sendable {
  private let ring: KeyRing
  private let purpose: String
  private let secrets: [[UInt8]: Secret]

  /// How far ahead of ours, in seconds, the clock of another process that shares the ring may be.
  static let clockTolerance: Int64 = 60

  private static let version: UInt8 = 1

  init(_ ring: KeyRing, purpose: String) {
    self.ring = ring
    self.purpose = purpose
    var secrets: [[UInt8]: Secret] = [:]
    for key in ring.keys where secrets[key.id] == nil { secrets[key.id] = HKDF.derive(from: key.secret, info: purpose) }
    self.secrets = secrets
  }

  /// The key that makes new values at `now`, and the four bytes that name it.
  func sealing(at now: Int64) -> (id: [UInt8], secret: Secret) {
    let key = ring.sealing(at: now)
    return (key.id, secrets[key.id] ?? HKDF.derive(from: key.secret, info: purpose))
  }

  /// The key that `id` names, as long as it is in the ring.
  func secret(id: [UInt8]) -> Secret? { secrets[id] }

  /// A version, the key's id, and `content` sealed for `audience`.
  func seal(_ content: [UInt8], for audience: Audience, now: Int64) -> [UInt8] {
    let key = sealing(at: now)
    return [Self.version] + key.id + AEAD(key: key.secret).seal(content, context: audience.context(purpose))
  }

  /// What `seal` was given; `nil` for anything that it did not make for this purpose and `audience`.
  func open(_ sealed: [UInt8], for audience: Audience) -> [UInt8]? {
    var fields = SealedReader(sealed)
    guard fields.readUInt8() == Self.version, let id = fields.readFixed(4), let secret = secrets[id] else { return nil }
    let rest = fields.readRest()
    return AEAD(key: secret).open(rest.span, context: audience.context(purpose))
  }
}
