import Crypto

/// Turns session contents into cookie values that only the gateway's own keys open.
///
/// A value is base64url of: version (1 byte), key id (4), nonce (12), AES-256-GCM ciphertext, tag (16). Not `Sendable`: each event-loop
/// thread has its own, and makes another when the key ring changes.
package final class SessionSealer {
  /// The most characters a cookie value may have. Browsers drop a cookie of more than 4096 bytes with its name and attributes.
  package static let maximumCount = 3800

  private static let version: UInt8 = 1
  private static let headerCount = 5
  private static let purpose = "anteroom session 2"
  /// The characters of the shortest content that can be: ids, three times, stamp, no login, a user of one character, no groups.
  private static let minimumCount = ((headerCount + AEAD.nonceCount + 16 + 24 + 20 + 4 + 5 + 12 + AEAD.tagCount) * 4 + 2) / 3

  private struct Entry {
    let id: UInt32
    let key: KeyRing.Key
    /// What is derived from the key for sessions.
    var secret: Secret?
  }

  private let ring: KeyRing
  private let crypto: CryptoContext
  private static let overhead = headerCount + AEAD.nonceCount + AEAD.tagCount
  private var entries: [Entry]
  private let opened = OpenedSessions()

  /// A sealer for one thread; keys are derived when they are first needed.
  package init(ring: KeyRing, crypto: CryptoContext) {
    self.ring = ring
    self.crypto = crypto
    entries = ring.keys.map { Entry(id: Self.number($0.id), key: $0, secret: nil) }
  }

  /// The cookie value for `content`, under the key that seals at `now` (seconds since 1970 UTC).
  ///
  /// Throws `SealError` where the content is larger than a cookie can be, or could not be opened again.
  package func seal(_ content: SessionContent, context: SealContext, now: Int64) throws(SealError) -> String {
    guard content.stamp.count == SessionContent.stampCount, !content.user.isEmpty else { throw .incomplete }
    let key = ring.sealing(at: now)
    guard let secret = secret(Self.number(key.id)) else { throw .incomplete }
    let plaintext = content.encoded()
    let count = Base64URL.characters(Self.overhead + plaintext.count)
    guard count <= Self.maximumCount else { throw .tooLarge(characters: count) }
    var writer = SealedWriter(capacity: Self.overhead + plaintext.count)
    writer.write(Self.version)
    writer.write(fixed: key.id)
    writer.writeRoom(AEAD.nonceCount)
    writer.write(fixed: plaintext)
    var bytes = writer.bytes
    crypto.aead.seal(&bytes, from: Self.headerCount, key: secret, context: context.bytes, random: crypto.random)
    return Base64URL.encode(bytes)
  }

  /// What `value` was sealed with; `nil` for anything that was not sealed by a key of this ring for this context, and has not been left
  /// exactly as it was. Never an error: such a cookie means "not signed in".
  ///
  /// - Parameter complete: adds what follows from the content, where that is not known from an earlier opening; `nil` for a session that
  ///   cannot be.
  package func open(
    _ value: Span<UInt8>, context: SealContext, complete: (SessionContent) -> OpenedSession? = { OpenedSession($0) }
  ) -> OpenedSession? {
    guard value.count >= Self.minimumCount, value.count <= Self.maximumCount else { return nil }
    if let session = opened.session(of: value, context: context), !session.isOutdated { return session }
    // The header first: what names no key of ours costs neither much memory nor cryptography.
    guard let header = Base64URL.decode(value.extracting(0..<8)), header[0] == Self.version,
      let secret = secret(UInt32(header[1]) << 24 | UInt32(header[2]) << 16 | UInt32(header[3]) << 8 | UInt32(header[4])),
      let bytes = Base64URL.decode(value),
      let plaintext = crypto.aead.open(bytes.span.extracting(Self.headerCount..<bytes.count), key: secret, context: context.bytes),
      let content = SessionContent(encoded: plaintext), let session = complete(content)
    else { return nil }
    // What is over may be found again, as after a restart.
    if !session.isOver { opened.insert(session, of: value, context: context) }
    return session
  }

  /// Forgets what came of cookies that were not opened since the last call; they are opened anew when they come again.
  package func forgetUnused() { opened.forgetUnused() }

  private func secret(_ id: UInt32) -> Secret? {
    for i in entries.indices where entries[i].id == id {
      if let secret = entries[i].secret { return secret }
      let secret = HKDF.derive(from: entries[i].key.secret, info: Self.purpose)
      entries[i].secret = secret
      return secret
    }
    return nil
  }

  private static func number(_ id: [UInt8]) -> UInt32 {
    id.reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Why a session cannot be put into a cookie.
package enum SealError: Error, Equatable, CustomStringConvertible {
  /// The value would have this many characters.
  case tooLarge(characters: Int)
  /// No user, or a stamp that has not 16 bytes.
  case incomplete

  package var description: String {
    switch self {
    case .tooLarge(let characters):
      "the account does not fit into a session cookie: \(characters) characters, at most \(SessionSealer.maximumCount)"
        + " (give the account fewer or shorter groups, or a shorter name)"
    case .incomplete: "the session names no user, or its stamp has not \(SessionContent.stampCount) bytes"
    }
  }
}
