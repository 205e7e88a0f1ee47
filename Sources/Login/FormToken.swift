import Crypto
import Session

/// Proofs that a form of ours was shown to the browser that sends it (against cross-site request forgery).
///
/// A token is base64url of: version, four bytes that name the ring's key, the time, and an HMAC over these, the purpose, the audience, the
/// browser's binding and the subject.
package struct FormTokens: Sendable {
  package enum Purpose: String, Sendable, CaseIterable { case login, logout, confirm }

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
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "form token") }

  /// A token for a form that is shown at `now` (seconds since 1970 UTC).
  /// - Parameter subject: what else the form is about, and must be about when it comes back: the ticket that `confirm` confirms, the
  ///   session that `logout` ends.
  package func mint(_ purpose: Purpose, audience: Audience, binding: BrowserBinding, subject: [UInt8] = [], now: Int64) -> String {
    let key = keys.sealing(at: now)
    var token = ByteFieldWriter()
    token.put(byte: Self.version)
    token.put(fixed: key.id)
    token.put(now)
    let proof = Self.proof(token.bytes, purpose, audience, binding, subject, key.secret)
    return Base64URL.encode(token.bytes + proof)
  }

  /// Whether `token` was minted for this purpose, audience, subject and one of `bindings`.
  package func check(
    _ token: Span<UInt8>, _ purpose: Purpose, audience: Audience, bindings: [BrowserBinding], subject: [UInt8] = [], now: Int64
  ) -> Outcome {
    guard token.count == Self.count, let wire = Base64URL.decode(token) else { return .invalid }
    var fields = ByteFieldReader(wire)
    guard fields.byte() == Self.version, let id = fields.fixed(4), let secret = keys.secret(id: id), let mintedAt = fields.number() else {
      return .invalid
    }
    let signed = [UInt8](wire[..<fields.offset])
    guard let proof = fields.fixed(32), fields.remaining == 0 else { return .invalid }
    let isGenuine = bindings.prefix(BrowserBinding.maximumPerBrowser).contains { binding in
      ConstantTime.equal(proof, Self.proof(signed, purpose, audience, binding, subject, secret))
    }
    let age = now - mintedAt
    guard isGenuine, age >= -PurposeKeys.clockTolerance else { return .invalid }
    return age < Self.lifetime ? .valid : .stale
  }

  private static func proof(
    _ token: [UInt8], _ purpose: Purpose, _ audience: Audience, _ binding: BrowserBinding, _ subject: [UInt8], _ secret: Secret
  ) -> [UInt8] {
    var fields = ByteFieldWriter()
    fields.put(fixed: audience.context("form token"))
    fields.put(purpose.rawValue)
    fields.put(binding.bytes)
    fields.put(subject)
    fields.put(token)
    return SHA256.hmac(key: secret, fields.bytes)
  }
}
