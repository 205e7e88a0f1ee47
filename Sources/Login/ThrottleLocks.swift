/// The throttle's locks as bytes, so that they survive a restart: a version, then each lock's kind, end and length-prefixed key.
extension Throttle {
  private static let version: UInt8 = 1
  private static let maximumKey = 1_024
  private enum Kind: UInt8 { case account = 1, network, device }

  /// All locks that hold at `now`.
  package func locks(now: Int64) -> [UInt8] {
    var fields = ByteFieldWriter()
    fields.put(byte: Self.version)
    for (key, bucket) in accounts.buckets where bucket.lockedUntil > now {
      Self.put(.account, [UInt8](key.utf8), bucket.lockedUntil, into: &fields)
    }
    for (key, bucket) in networks.buckets where bucket.lockedUntil > now {
      var network = ByteFieldWriter()
      network.put(byte: key.family)
      network.put(Int64(bitPattern: key.prefix))
      Self.put(.network, network.bytes, bucket.lockedUntil, into: &fields)
    }
    for (key, bucket) in devices.buckets where bucket.lockedUntil > now {
      Self.put(.device, key, bucket.lockedUntil, into: &fields)
    }
    return fields.bytes
  }

  /// Puts back what `locks` gave. Locks that have ended are left out, ends too far away are cut to one lock's length, and no table grows
  /// over its bound.
  /// - Returns: whether the bytes were sound; locks before the first fault hold.
  package mutating func restore(locks bytes: [UInt8], now: Int64) -> Bool {
    var fields = ByteFieldReader(bytes)
    guard fields.byte() == Self.version else { return false }
    while fields.remaining > 0 {
      guard let kind = fields.byte().flatMap(Kind.init), let until = fields.number(), let key = fields.field(maximum: Self.maximumKey),
        restore(kind, key, until: until, now: now)
      else { return false }
    }
    return true
  }

  private mutating func restore(_ kind: Kind, _ key: [UInt8], until: Int64, now: Int64) -> Bool {
    switch kind {
    case .account:
      guard let account = String(validating: key, as: UTF8.self) else { return false }
      accounts.restore(account, lockedUntil: until, now: now)
    case .network:
      var network = ByteFieldReader(key)
      guard let family = network.byte(), let prefix = network.number(), network.remaining == 0 else { return false }
      networks.restore(ClientNetwork(family: family, prefix: UInt64(bitPattern: prefix)), lockedUntil: until, now: now)
    case .device:
      devices.restore(key, lockedUntil: until, now: now)
    }
    return true
  }

  private static func put(_ kind: Kind, _ key: [UInt8], _ until: Int64, into fields: inout ByteFieldWriter) {
    fields.put(byte: kind.rawValue)
    fields.put(until)
    fields.put(key)
  }
}
