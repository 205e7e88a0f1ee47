import Login
import Synchronization

/// How many connections each client address has, an IPv6 client by its /64. Asked when a connection begins and ends, never for a request.
///
/// It knows only addresses that have a connection now, and so no more of them than there may be connections.
final class AddressCounts: Sendable {
  private let most: Atomic<Int>
  private let shards: [Shard]

  private final class Shard: Sendable {
    let counts = Mutex<[ClientNetwork: Int]>([:])
  }

  /// - Parameter limit: for each address, at least 1; `nil` for none.
  init(limit: Int?) {
    most = Atomic(limit ?? .max)
    shards = (0..<32).map { _ in Shard() }
  }

  /// For each address; `nil` while nobody counts.
  var limit: Int? {
    let limit = most.load(ordering: .relaxed)
    return limit == .max ? nil : limit
  }

  /// Sets another limit; whoever is in stays.
  func setLimit(_ limit: Int?) { most.store(limit ?? .max, ordering: .relaxed) }

  /// Counts one more; false when the address has as many as it may have.
  func enter(_ network: ClientNetwork) -> Bool {
    shard(network).counts.withLock { counts in
      let count = counts[network, default: 0]
      guard count < most.load(ordering: .relaxed) else { return false }
      counts[network] = count + 1
      return true
    }
  }

  /// Counts one less.
  func leave(_ network: ClientNetwork) {
    shard(network).counts.withLock { counts in
      guard let count = counts[network] else { return }
      counts[network] = count > 1 ? count - 1 : nil
    }
  }

  /// The connections of the address that has most of them.
  var mostOfOne: Int { shards.reduce(0) { max($0, $1.counts.withLock { $0.values.max() ?? 0 }) } }

  /// Addresses that are remembered.
  var addresses: Int { shards.reduce(0) { $0 + $1.counts.withLock { $0.count } } }

  private func shard(_ network: ClientNetwork) -> Shard { shards[Int(UInt(bitPattern: network.hashValue) % UInt(shards.count))] }
}
