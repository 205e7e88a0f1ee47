import Crypto
import Session

/// One attempt to sign in at an identity provider, as the `state` parameter carries it to the provider and back.
package struct SignInAttempt: Sendable, Equatable {
  /// Where the return ticket is.
  package enum Ticket: Sendable, Equatable {
    case none
    case inline([UInt8])
    /// Kept under this id of 16 bytes, since it is too long for an address at the provider.
    case stored([UInt8])
  }

  /// `SessionContent.login`.
  package let login: String
  package let ticket: Ticket
  /// What the ID token has to repeat (OpenID Connect Core, section 3.1.2.1).
  package let nonce: String
  /// The secret half of PKCE (RFC 7636).
  package let verifier: String
  /// In seconds since 1970 UTC.
  package let startedAt: Int64

  /// A new one with its own random values.
  package init(login: String, ticket: Ticket, now: Int64) {
    self.login = login
    self.ticket = ticket
    nonce = Base64URL.encode(Random.bytes(16))
    verifier = Base64URL.encode(Random.bytes(32))
    startedAt = now
  }

  fileprivate init(login: String, ticket: Ticket, nonce: String, verifier: String, startedAt: Int64) {
    self.login = login
    self.ticket = ticket
    self.nonce = nonce
    self.verifier = verifier
    self.startedAt = startedAt
  }
}

/// What a `state` that comes back is good for.
package enum AttemptOutcome: Sendable, Equatable {
  case genuine(SignInAttempt)
  /// Ours, but begun too long ago.
  case tooOld(SignInAttempt)
  /// Ours, but not begun in this browser.
  case otherBrowser
  case none
}

/// Seals attempts, each under a key of its own as return tickets are, since strangers begin them.
///
/// The provider sees bytes of which nothing can be read, padded, so that their length tells nothing either. No cookie and no memory is needed
/// for an attempt: tabs cannot disturb each other.
package struct SignInAttempts: Sendable {
  /// How long an attempt may take, in seconds.
  package static let lifetime: Int64 = 12 * 3_600
  /// A longer ticket is kept in the store.
  package static let maximumInline = 1_200
  /// Longest `state` in characters.
  package static let maximumCount = 3_000

  private static let version: UInt8 = 1
  private static let headCount = 5
  private static let block = 256
  private static let storedIDCount = 16
  private static let maximumLogin = 100
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "sign-in attempt") }

  /// The `state` of an attempt that `binding`'s browser begins.
  package func seal(_ attempt: SignInAttempt, audience: Audience, binding: BrowserBinding, using crypto: CryptoContext) -> String {
    let key = keys.sealing(at: attempt.startedAt)
    var state = SealedWriter(capacity: 1024)
    state.write(Self.version)
    state.write(fixed: key.id)
    state.writeRoom(SaltedAEAD.headCount)
    let start = state.bytes.count
    state.write(attempt.login)
    switch attempt.ticket {
    case .none:
      state.write(UInt8(0))
      state.write([UInt8]())
    case .inline(let ticket):
      state.write(UInt8(1))
      state.write(ticket)
    case .stored(let id):
      state.write(UInt8(2))
      state.write(id)
    }
    state.write(attempt.nonce)
    state.write(attempt.verifier)
    state.write(attempt.startedAt)
    state.write(binding.high)
    state.write(binding.low)
    state.pad(to: Self.block, from: start)
    SaltedAEAD.seal(
      &state.bytes, from: Self.headCount, secret: key.secret, info: keys.info, context: keys.context, audience.context, using: crypto)
    return Base64URL.encode(state.bytes)
  }

  /// - Parameters:
  ///   - bindings: every binding cookie that the browser sent.
  ///   - now: seconds since 1970 UTC.
  package func open(
    _ state: Span<UInt8>, audience: Audience, bindings: [BrowserBinding], now: Int64, using crypto: CryptoContext
  ) -> AttemptOutcome {
    guard state.count <= Self.maximumCount, let wire = Base64URL.decode(state) else { return .none }
    var outer = SealedReader(wire)
    guard outer.readUInt8() == Self.version, let id = outer.readFixed(4), let secret = keys.secret(id: id),
      let bytes = SaltedAEAD.open(
        wire.span.extracting(Self.headCount..<wire.count), secret: secret, info: keys.info, context: keys.context, audience.context,
        using: crypto)
    else { return .none }
    var fields = SealedReader(bytes)
    guard let login = fields.readText(maximum: Self.maximumLogin), let kind = fields.readUInt8(),
      let place = fields.readBytes(maximum: ReturnTickets.maximumCount), let nonce = fields.readText(), let verifier = fields.readText(),
      let startedAt = fields.readInt64(), let binding = fields.readFixed(BrowserBinding.count), let ticket = Self.ticket(kind, place)
    else { return .none }
    var isBound = false
    for one in bindings.prefix(CookieNames.maximumBindings) where ConstantTime.equal(one.bytes, binding) { isBound = true }
    guard isBound else { return .otherBrowser }
    let attempt = SignInAttempt(login: login, ticket: ticket, nonce: nonce, verifier: verifier, startedAt: startedAt)
    let age = now - startedAt
    return age < Self.lifetime && age >= -PurposeKeys.clockTolerance ? .genuine(attempt) : .tooOld(attempt)
  }

  private static func ticket(_ kind: UInt8, _ place: [UInt8]) -> SignInAttempt.Ticket? {
    switch kind {
    case 0: .some(.none)
    case 1: .inline(place)
    case 2 where place.count == storedIDCount: .stored(place)
    default: nil
    }
  }
}
