import Crypto
import Session

/// A browser, and the accounts that have signed in from it: a shared computer at a front desk has several.
package struct Device: Sendable, Equatable {
  /// 16 random bytes.
  let id: [UInt8]
  /// Newest first.
  fileprivate(set) var users: [User]

  struct User: Sendable, Equatable {
    /// 16 bytes of a digest of the account's key.
    let tag: [UInt8]
    let since: Int64
  }

  /// When the account `user` (its key) last signed in here, in seconds since 1970 UTC; `nil` if never.
  package func signedIn(_ user: String) -> Int64? {
    let tag = Self.tag(user)
    return users.first { $0.tag == tag }?.since
  }

  /// The throttle's bucket for `user` in this browser; `nil` if the browser is not known for that account.
  package func bucket(for user: String) -> [UInt8]? {
    signedIn(user) == nil ? nil : id + Self.tag(user)
  }

  fileprivate static func tag(_ user: String) -> [UInt8] {
    [UInt8](SHA256.hash([UInt8]("device user ".utf8) + user.utf8).prefix(16))
  }
}

/// Seals devices into cookies, bound to one site and origin, and opens them.
package struct DeviceCookies: Sendable {
  /// For how long a browser stays known for an account, in seconds: the cookie's `Max-Age`.
  package static let lifetime: Int64 = 365 * 24 * 3_600
  /// The age from which a cookie is renewed at login, in seconds.
  package static let renewalAge: Int64 = 30 * 24 * 3_600
  /// Accounts that one browser is known for; the one that was away longest makes room.
  package static let maximumUsers = 8

  private static let maximumCount = 512
  private let keys: PurposeKeys

  package init(ring: KeyRing) { keys = PurposeKeys(ring, purpose: "device cookie") }

  /// The cookie's value after `user` (an account's key) has signed in at `now`, from `device` or from a browser that was not known.
  package func seal(adding user: String, to device: Device?, audience: Audience, now: Int64, using crypto: CryptoContext) -> String {
    let tag = Device.tag(user)
    let others = (device?.users ?? []).filter { $0.tag != tag }.prefix(Self.maximumUsers - 1)
    let users = [Device.User(tag: tag, since: now)] + others
    var content = SealedWriter()
    content.write(fixed: device?.id ?? crypto.random.bytes(16))
    content.write(UInt8(users.count))
    for user in users {
      content.write(fixed: user.tag)
      content.write(user.since)
    }
    return Base64URL.encode(keys.seal(content.bytes, for: audience, now: now, using: crypto))
  }

  /// The device of a cookie's value, without the accounts that have not signed in for a year; `nil` for anything that was not sealed here
  /// for `audience`.
  package func open(_ value: Span<UInt8>, audience: Audience, now: Int64, using crypto: CryptoContext) -> Device? {
    guard value.count <= Self.maximumCount, let wire = Base64URL.decode(value),
      let content = keys.open(wire, for: audience, using: crypto)
    else { return nil }
    var fields = SealedReader(content)
    guard let device = fields.readFixed(16), let count = fields.readUInt8(), count <= Self.maximumUsers else { return nil }
    var users: [Device.User] = []
    for _ in 0..<count {
      guard let tag = fields.readFixed(16), let since = fields.readInt64() else { return nil }
      if now - since < Self.lifetime { users.append(Device.User(tag: tag, since: since)) }
    }
    return fields.isAtEnd ? Device(id: device, users: users) : nil
  }
}
