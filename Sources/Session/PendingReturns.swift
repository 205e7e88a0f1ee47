import Crypto
import Synchronization

/// Return addresses that are too long for a URL, as the caller sealed them, under random ids. They are kept in memory until they expire.
final class PendingReturns: Sendable {
  private let table: Mutex<PendingReturnTable>

  init(limit: Int) {
    table = Mutex(PendingReturnTable(limit: limit))
  }

  var limit: Int { table.withLock { $0.limit } }

  /// Some that have expired among them.
  var count: Int { table.withLock { $0.count } }

  func setLimit(_ limit: Int) { table.withLock { $0.setLimit(limit) } }

  /// Keeps `bytes` for `source` until `expires`; `nil` where none may be kept at all.
  func put(_ bytes: [UInt8], from source: [UInt8], expires: Int64, now: Int64) -> [UInt8]? {
    let id = Random.bytes(16)
    return table.withLock { $0.put(bytes, id: id, from: source, expires: expires, now: now) } ? id : nil
  }

  /// All that have not expired at `now`, oldest first.
  func all(now: Int64) -> [PendingReturn] { table.withLock { $0.all(now: now) } }

  /// Keeps what another process has kept so far.
  func add(_ pending: PendingReturn, now: Int64) {
    table.withLock {
      _ = $0.put(pending.bytes, id: pending.id, from: pending.source, expires: pending.expires, now: now)
    }
  }

  /// What was put under `id` and has not expired at `now`. It stays: going back in the browser asks again.
  func get(_ id: [UInt8], now: Int64) -> [UInt8]? {
    table.withLock { $0.get(id, now: now) }
  }
}
