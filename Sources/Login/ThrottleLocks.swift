import Session

/// The throttle's locks as bytes, so that they survive a restart: a version, then each lock's kind, end and length-prefixed key.
extension Throttle {
  private static let version: UInt8 = 1
  private static let maximumKey = 1_024
  private enum Kind: UInt8 { case account = 1, network, device }

  /// All locks that hold at `now`.
  package func locks(now: Int64) -> [UInt8] {
    var fields = SealedWriter()
    fields.write(Self.version)
    for (key, bucket) in accounts.buckets where bucket.lockedUntil > now {
      Self.put(.account, [UInt8](key.utf8), bucket.lockedUntil, into: &fields)
    }
    for (key, bucket) in networks.buckets where bucket.lockedUntil > now {
      var network = SealedWriter()
      network.write(key.family)
      network.write(key.prefix)
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
    var fields = SealedReader(bytes)
    guard fields.readUInt8() == Self.version else { return false }
    while !fields.isAtEnd {
      guard let kind = fields.readUInt8().flatMap(Kind.init), let until = fields.readInt64(),
        let key = fields.readBytes(maximum: Self.maximumKey), restore(kind, key, until: until, now: now)
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
      var network = SealedReader(key)
      guard let family = network.readUInt8(), let prefix = network.readUInt64(), network.isAtEnd else { return false }
      networks.restore(ClientNetwork(family: family, prefix: prefix), lockedUntil: until, now: now)
    case .device:
      devices.restore(key, lockedUntil: until, now: now)
    }
    return true
  }

  private static func put(_ kind: Kind, _ key: [UInt8], _ until: Int64, into fields: inout SealedWriter) {
    fields.write(kind.rawValue)
    fields.write(until)
    fields.write(key)
  }
}
