import Crypto
import Session

/// An address to come back to after login.
package enum ReturnAddress: Sendable, Equatable {
  /// Path and query exactly as the browser sent them.
  case inline([UInt8])
  /// The 16-byte id under which the store keeps a longer one.
  case stored([UInt8])
}

/// What a return ticket is good for.
package enum TicketOutcome: Sendable, Equatable {
  package enum Reason: Sendable, Equatable {
    /// Minted so many seconds ago.
    case old(seconds: Int64)
    /// Asked for by somebody else.
    case otherUser
  }
  /// Go there.
  case follow(ReturnAddress)
  /// Show a page that asks first.
  case ask(ReturnAddress, reason: Reason)
  /// Nothing: the site's start page.
  case none
}

/// Seals addresses to come back to, each under a key of its own, and opens them.
///
/// A ticket is base64url of: version, four bytes that name the ring's key, 16 random bytes that the ticket's key is derived with, and the
/// sealed content. The content is padded to a multiple of 256 bytes, so that its length does not count the digits of a
/// patient's id. Tickets are minted for anybody
/// who asks: a key of its own for each keeps the number of values under one key at one.
package struct ReturnTickets: Sendable {
  /// Longest address that travels in the ticket; a longer one waits in the store.
  package static let maximumInline = 2_048
  /// Bytes of a store id.
  package static let storedIDCount = 16
  /// How long a ticket is good, in seconds.
  package static let lifetime: Int64 = 12 * 3_600
  /// The age from which a ticket asks before it opens the patient, in seconds.
  package static let askingAge: Int64 = 30 * 60
  /// Longest ticket in characters.
  package static let maximumCount = 4_096

  private static let version: UInt8 = 1
  private static let block = 256
  private static let purpose = "return ticket"
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: Self.purpose) }

  /// A ticket for `address`; `nil` if it is not one to go back to (`RedirectTarget.isLocal`), or too long to travel.
  /// - Parameters:
  ///   - user: the key of the account whose session, genuine but ended, came with the request.
  ///   - now: seconds since 1970 UTC.
  package func seal(_ address: ReturnAddress, audience: Audience, binding: BrowserBinding, user: String?, now: Int64) -> String? {
    var content = SealedWriter()
    switch address {
    case .inline(let bytes):
      guard bytes.count <= Self.maximumInline, RedirectTarget.isLocal(bytes) else { return nil }
      content.write(UInt8(0))
      content.write(bytes)
    case .stored(let id):
      guard id.count == Self.storedIDCount else { return nil }
      content.write(UInt8(1))
      content.write(id)
    }
    content.write(now)
    content.write(fixed: binding.bytes)
    guard (user?.utf8.count ?? 0) <= Self.maximumUser else { return nil }
    content.write(UInt8(user == nil ? 0 : 1))
    content.write(user ?? "")
    content.pad(to: Self.block)
    let key = keys.sealing(at: now)
    let salt = Random.bytes(16)
    let sealed = aead(key.secret, salt: salt).seal(content.bytes, context: audience.context(Self.purpose))
    return Base64URL.encode([Self.version] + key.id + salt + sealed)
  }

  /// What `ticket` is good for, after `user` has signed in.
  /// - Parameters:
  ///   - bindings: every binding cookie that the browser sent.
  ///   - user: the key of the account that has just signed in.
  package func open(
    _ ticket: Span<UInt8>, audience: Audience, bindings: [BrowserBinding], user: String, now: Int64
  ) -> TicketOutcome {
    guard let content = content(of: ticket, audience: audience) else { return .none }
    let age = now - content.mintedAt
    guard age < Self.lifetime, age >= -PurposeKeys.clockTolerance else { return .none }
    var isBound = false
    for binding in bindings.prefix(CookieNames.maximumBindings) where ConstantTime.equal(binding.bytes, content.binding) {
      isBound = true
    }
    guard isBound else { return .none }
    if let asker = content.user, asker != user { return .ask(content.address, reason: .otherUser) }
    return age >= Self.askingAge ? .ask(content.address, reason: .old(seconds: age)) : .follow(content.address)
  }

  // A folded name may be longer than the name: U+0130, two bytes, becomes three.
  private static let maximumUser = UserName.maximumCount * 2

  private struct Content {
    var address: ReturnAddress
    var mintedAt: Int64
    var binding: [UInt8]
    var user: String?
  }

  private func content(of ticket: Span<UInt8>, audience: Audience) -> Content? {
    guard ticket.count <= Self.maximumCount, let wire = Base64URL.decode(ticket) else { return nil }
    var outer = SealedReader(wire)
    guard outer.readUInt8() == Self.version, let id = outer.readFixed(4), let secret = keys.secret(id: id), let salt = outer.readFixed(16)
    else { return nil }
    let sealed = outer.readRest()
    guard let bytes = aead(secret, salt: salt).open(sealed.span, context: audience.context(Self.purpose)) else { return nil }
    var fields = SealedReader(bytes)
    guard let kind = fields.readUInt8(), let place = fields.readBytes(maximum: Self.maximumInline), let mintedAt = fields.readInt64(),
      let binding = fields.readFixed(BrowserBinding.count), let hasUser = fields.readUInt8(),
      let user = fields.readText(maximum: Self.maximumUser)
    else { return nil }
    let address: ReturnAddress
    switch kind {
    case 0 where RedirectTarget.isLocal(place): address = .inline(place)
    case 1 where place.count == Self.storedIDCount: address = .stored(place)
    default: return nil
    }
    return Content(address: address, mintedAt: mintedAt, binding: binding, user: hasUser == 1 ? user : nil)
  }

  private func aead(_ secret: Secret, salt: [UInt8]) -> AEAD {
    // A copy of the salt: `HKDF` holds it as a secret, and wipes it in the end.
    AEAD(key: HKDF.derive(from: secret, salt: salt.map { $0 }, info: Self.purpose))
  }
}
