import Crypto
import Session

/// Proofs that a form of ours was shown to the browser that sends it (against cross-site request forgery).
///
/// A token is base64url of: version, four bytes that name the ring's key, the time, and an HMAC over these, the purpose, the audience, the
/// browser's binding and the subject.
package struct FormTokens: Sendable {
  package enum Purpose: String, Sendable, CaseIterable { case login, logout, confirm, held }

  package enum Outcome: Sendable, Equatable {
    case valid
    /// Ours, but left open too long: show the form again with a new token, and keep the return ticket.
    case stale
    case invalid
  }

  /// How long a token is good, in seconds.
  package static let lifetime: Int64 = 12 * 3_600
  /// Characters of a token.
  package static let count = 60

  private static let version: UInt8 = 1
  /// Bytes of the HMAC at a token's end.
  private static let proofCount = 32
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "form token") }

  /// A token for a form that is shown at `now` (seconds since 1970 UTC).
  /// - Parameter subject: what else the form is about, and must be about when it comes back: the ticket that `confirm` confirms, the
  ///   session that `logout` ends.
  package func mint(
    _ purpose: Purpose, audience: Audience, binding: BrowserBinding, subject: [UInt8] = [], now: Int64, using crypto: CryptoContext
  ) -> String {
    let key = keys.sealing(at: now)
    var token = SealedWriter()
    token.write(Self.version)
    token.write(fixed: key.id)
    token.write(now)
    let proof = proof(token.bytes, purpose, audience, binding, subject, key.secret, crypto)
    return Base64URL.encode(token.bytes + proof)
  }

  /// Whether `token` was minted for this purpose, audience, subject and one of `bindings`.
  package func check(
    _ token: Span<UInt8>, _ purpose: Purpose, audience: Audience, bindings: [BrowserBinding], subject: [UInt8] = [], now: Int64,
    using crypto: CryptoContext
  ) -> Outcome {
    guard token.count == Self.count, let wire = Base64URL.decode(token) else { return .invalid }
    var fields = SealedReader(wire)
    guard fields.readUInt8() == Self.version, let id = fields.readFixed(4), let secret = keys.secret(id: id),
      let mintedAt = fields.readInt64(), let proof = fields.readFixed(Self.proofCount), fields.isAtEnd
    else { return .invalid }
    let signed = wire.dropLast(Self.proofCount)
    let isGenuine = bindings.prefix(CookieNames.maximumBindings).contains { binding in
      ConstantTime.equal(proof, self.proof([UInt8](signed), purpose, audience, binding, subject, secret, crypto))
    }
    let age = now - mintedAt
    guard isGenuine, age >= -PurposeKeys.clockTolerance else { return .invalid }
    return age < Self.lifetime ? .valid : .stale
  }

  private func proof(
    _ token: [UInt8], _ purpose: Purpose, _ audience: Audience, _ binding: BrowserBinding, _ subject: [UInt8], _ secret: Secret,
    _ crypto: CryptoContext
  ) -> [UInt8] {
    var fields = SealedWriter(capacity: 512)
    fields.write(fixed: keys.context)
    fields.write(fixed: audience.context)
    fields.write(purpose.rawValue)
    fields.write(binding.bytes)
    fields.write(subject)
    fields.write(token)
    return crypto.hmac.authenticate(fields.bytes, key: secret)
  }
}
