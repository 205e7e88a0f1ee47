/// The addresses that begin with the same bits.
package struct IPNetwork: Hashable, Sendable {
  /// The first of them: all further bits are 0.
  package let first: IPAddress
  /// How many bits they share: 0 to 32, or to 128 for IPv6.
  package let prefix: Int

  /// - Parameter prefix: as many bits of `address` as count; `nil` comes back for more than it has.
  package init?(_ address: IPAddress, prefix: Int) {
    guard prefix >= 0, prefix <= address.bytes.count * 8 else { return nil }
    var bytes = address.bytes
    for index in bytes.indices { bytes[index] &= Self.mask(index, prefix) }
    guard let first = IPAddress(bytes: bytes), first.bytes.count == bytes.count else { return nil }
    self.first = first
    self.prefix = prefix
  }

  package func contains(_ address: IPAddress) -> Bool {
    let mine = first.bytes
    let other = address.bytes
    guard mine.count == other.count else { return false }
    for index in mine.indices {
      let mask = Self.mask(index, prefix)
      if mask == 0 { return true }
      if other[index] & mask != mine[index] { return false }
    }
    return true
  }

  /// The bits of the byte at `index` that count.
  private static func mask(_ index: Int, _ prefix: Int) -> UInt8 {
    let bits = max(0, min(8, prefix - 8 * index))
    return UInt8(truncatingIfNeeded: 0xFF00 >> bits)
  }
}

extension LoadContext {
  /// `10.0.0.0/8`, `fd00::/8`, or one address.
  mutating func network(_ value: Value) -> IPNetwork? {
    let parts = value.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(String(parts[0])) else {
      error(value.position, "`\(value.shown)` is not a network (\(Self.networkMend(String(parts[0]))))")
      return nil
    }
    let most = address.bytes.count * 8
    guard parts.count > 1 else { return IPNetwork(address, prefix: most) }
    guard let prefix = ValueText.digits(parts[1]), let network = IPNetwork(address, prefix: prefix) else {
      error(value.position, "`\(value.shown)` is not a network (after the slash stands how many bits count, from 0 to \(most))")
      return nil
    }
    guard network.first == address else {
      error(value.position, "`\(value.shown)` is an address within a network (write `\(network.text)`, or the address alone)")
      return nil
    }
    return network
  }

  /// The networks of all `entries`. One that takes in every address is warned of.
  mutating func networks(_ entries: [Entry], everybody: String) -> [IPNetwork] {
    var networks: [IPNetwork] = []
    for value in entries.flatMap(\.values) {
      guard let network = network(value) else { continue }
      if network.prefix == 0 { warning(value.position, "`\(value.shown)` is every address: \(everybody)") }
      networks.append(network)
    }
    return networks
  }

  private static func networkMend(_ text: String) -> String {
    if text.hasPrefix("[") { return "without brackets: fd00::/8" }
    if text.contains("%") { return "an address without a zone" }
    return "numbers, not a name: 10.0.0.0/8, fd00::/8, or one address"
  }
}

extension IPNetwork {
  /// As gateway.conf writes it.
  package var text: String {
    let bytes = first.bytes
    if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") + "/\(prefix)" }
    let groups = stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
    let zeros = groups.reversed().prefix { $0 == "0" }.count
    let shown = zeros > 1 ? groups.dropLast(zeros).joined(separator: ":") + "::" : groups.joined(separator: ":")
    return shown + "/\(prefix)"
  }
}
