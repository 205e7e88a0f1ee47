import Crypto
import Session

/// Seals what an identity provider sends by a form of its own (OAuth 2.0 Form Post Response Mode), so that the browser can bring it again itself.
///
/// The provider's form comes from another site, and so without the cookie that tells whose attempt it is; a redirect to our own address
/// brings that. What travels in the address is for us alone.
package struct PostedAnswers: Sendable {
  /// How long it may be on its way, in seconds.
  package static let lifetime: Int64 = 300
  /// Most bytes of a form.
  package static let maximumForm = 8 << 10

  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "posted answer") }

  /// `nil` where the form is too long.
  /// - Parameter now: seconds since 1970 UTC.
  package func seal(_ form: [UInt8], audience: Audience, now: Int64, using crypto: CryptoContext) -> String? {
    guard form.count <= Self.maximumForm else { return nil }
    var content = SealedWriter(capacity: form.count + 16)
    content.write(now)
    content.write(form)
    return Base64URL.encode(keys.seal(content.bytes, for: audience, now: now, using: crypto))
  }

  /// The form; `nil` for anything that `seal` did not make for this audience, or too long ago.
  package func open(_ text: Span<UInt8>, audience: Audience, now: Int64, using crypto: CryptoContext) -> [UInt8]? {
    guard text.count <= 2 * Self.maximumForm, let sealed = Base64URL.decode(text),
      let bytes = keys.open(sealed, for: audience, using: crypto)
    else { return nil }
    var content = SealedReader(bytes)
    guard let sealedAt = content.readInt64(), let form = content.readBytes(maximum: Self.maximumForm), content.isAtEnd else { return nil }
    let age = now - sealedAt
    return age < Self.lifetime && age >= -PurposeKeys.clockTolerance ? form : nil
  }
}
