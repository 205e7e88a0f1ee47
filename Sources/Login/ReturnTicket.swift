import Crypto
import Session

/// An address to come back to after login.
package enum ReturnAddress: Sendable, Equatable {
  /// How a ticket says where the address is.
  package enum Kind: UInt8, Sendable {
    case inline = 0
    case stored = 1
    case held = 2
    case popup = 3
  }
  /// Path and query exactly as the browser sent them.
  case inline([UInt8])
  /// The 16-byte id under which the store keeps a longer one.
  case stored([UInt8])
  /// No address: a form of the same sender's waits to be sent.
  case held(HeldFormReference)
  /// No address: the window was opened by a page that waits for the login. `since`, in seconds since 1970 UTC, tells when it asked, where a
  /// session that had begun before will not do.
  case popup(since: Int64?)
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
  /// A form that was sent from another browser.
  case otherBrowser(HeldFormReference)
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
  /// Bytes in front of what is sealed: the version and the key's id.
  private static let headCount = 5
  private static let block = 256
  /// Bytes of a content beside the address and the user.
  private static let fixedCount = 1 + 4 + 8 + BrowserBinding.count + 1 + 4
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "return ticket") }

  /// Appends a ticket for an address, or for the id under which the store keeps one; false, with nothing appended, if it is not one to go
  /// back to (`RedirectTarget.isLocal`), or too long to travel.
  /// - Parameters:
  ///   - user: the key of the account whose session, genuine but ended, came with the request.
  ///   - now: seconds since 1970 UTC.
  package func append(
    _ kind: ReturnAddress.Kind, _ address: Span<UInt8>, audience: Audience, binding: BrowserBinding, user: String?, now: Int64,
    to output: inout [UInt8], using crypto: CryptoContext
  ) -> Bool {
    switch kind {
    case .inline: guard address.count <= Self.maximumInline, RedirectTarget.isLocal(address) else { return false }
    case .stored: guard address.count == Self.storedIDCount else { return false }
    case .held: guard address.count <= Self.maximumInline else { return false }
    case .popup: guard address.isEmpty || address.count == 8 else { return false }
    }
    let userCount = user?.utf8.count ?? 0
    guard userCount <= Self.maximumUser else { return false }
    let key = keys.sealing(at: now)
    let room = Self.headCount + SaltedAEAD.headCount + AEAD.tagCount + Self.block
    var ticket = SealedWriter(capacity: room + Self.fixedCount + address.count + userCount)
    ticket.write(Self.version)
    ticket.write(fixed: key.id)
    ticket.writeRoom(SaltedAEAD.headCount)
    let start = ticket.bytes.count
    ticket.write(kind.rawValue)
    ticket.write(address)
    ticket.write(now)
    ticket.write(binding.high)
    ticket.write(binding.low)
    ticket.write(UInt8(user == nil ? 0 : 1))
    ticket.write(user ?? "")
    ticket.pad(to: Self.block, from: start)
    SaltedAEAD.seal(
      &ticket.bytes, from: Self.headCount, secret: key.secret, info: keys.info, context: keys.context, audience.context, using: crypto)
    Base64URL.append(ticket.bytes.span, to: &output)
    return true
  }

  /// What `ticket` is good for, after `user` has signed in.
  /// - Parameters:
  ///   - bindings: every binding cookie that the browser sent.
  ///   - user: the key of the account that has just signed in.
  package func open(
    _ ticket: Span<UInt8>, audience: Audience, bindings: [BrowserBinding], user: String, now: Int64, using crypto: CryptoContext
  ) -> TicketOutcome {
    guard let content = content(of: ticket, audience: audience, crypto) else { return .none }
    let age = now - content.mintedAt
    guard age < Self.lifetime, age >= -PurposeKeys.clockTolerance else { return .none }
    var isBound = false
    for binding in bindings.prefix(CookieNames.maximumBindings) where ConstantTime.equal(binding.bytes, content.binding) {
      isBound = true
    }
    guard isBound else {
      if case .held(let form) = content.address { return .otherBrowser(form) }
      return .none
    }
    if let asker = content.user, asker != user { return .ask(content.address, reason: .otherUser) }
    return age >= Self.askingAge ? .ask(content.address, reason: .old(seconds: age)) : .follow(content.address)
  }

  /// Appends a ticket to a form that waits; false, with nothing appended, if that is too much to travel.
  /// - Parameters: as of the other.
  package func append(
    _ form: HeldFormReference, audience: Audience, binding: BrowserBinding, user: String, now: Int64, to output: inout [UInt8],
    using crypto: CryptoContext
  ) -> Bool {
    let place = form.bytes
    return append(.held, place.span, audience: audience, binding: binding, user: user, now: now, to: &output, using: crypto)
  }

  // A folded name may be longer than the name: U+0130, two bytes, becomes three.
  private static let maximumUser = UserName.maximumCount * 2

  private struct Content {
    var address: ReturnAddress
    var mintedAt: Int64
    var binding: [UInt8]
    var user: String?
  }

  private func content(of ticket: Span<UInt8>, audience: Audience, _ crypto: CryptoContext) -> Content? {
    guard ticket.count <= Self.maximumCount, let wire = Base64URL.decode(ticket) else { return nil }
    var outer = SealedReader(wire)
    guard outer.readUInt8() == Self.version, let id = outer.readFixed(4), let secret = keys.secret(id: id),
      let bytes = SaltedAEAD.open(
        wire.span.extracting(Self.headCount..<wire.count), secret: secret, info: keys.info, context: keys.context, audience.context,
        using: crypto)
    else { return nil }
    var fields = SealedReader(bytes)
    guard let kind = fields.readUInt8(), let place = fields.readBytes(maximum: Self.maximumInline), let mintedAt = fields.readInt64(),
      let binding = fields.readFixed(BrowserBinding.count), let hasUser = fields.readUInt8(),
      let user = fields.readText(maximum: Self.maximumUser)
    else { return nil }
    let address: ReturnAddress
    switch ReturnAddress.Kind(rawValue: kind) {
    case .inline where RedirectTarget.isLocal(place): address = .inline(place)
    case .stored where place.count == Self.storedIDCount: address = .stored(place)
    case .held:
      guard let form = HeldFormReference(bytes: place) else { return nil }
      address = .held(form)
    case .popup where place.isEmpty: address = .popup(since: nil)
    case .popup where place.count == 8: address = .popup(since: place.reduce(0) { $0 << 8 | Int64($1) })
    default: return nil
    }
    return Content(address: address, mintedAt: mintedAt, binding: binding, user: hasUser == 1 ? user : nil)
  }
}
