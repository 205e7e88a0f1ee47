import Crypto
import Synchronization

/// Return addresses that are too long for a URL, as the caller sealed them, under random ids. They are kept in memory until they expire.
final class PendingReturns: Sendable {
  private struct Entry {
    let bytes: [UInt8]
    let expires: Int64
  }

  private struct Table {
    var entries: [[UInt8]: Entry] = [:]
    /// No entry expires before this: a full table is not searched in vain.
    var nextExpiry = Int64.max
  }

  private let mostEntries: Atomic<Int>
  private let table = Mutex(Table())

  init(limit: Int) {
    mostEntries = Atomic(limit)
  }

  var limit: Int { mostEntries.load(ordering: .relaxed) }

  /// Expired ones that nobody has asked for among them.
  var count: Int { table.withLock { $0.entries.count } }

  func setLimit(_ limit: Int) { mostEntries.store(limit, ordering: .relaxed) }

  /// Keeps `bytes` until `expires`; `nil` if there are as many as may be, and none has expired at `now`.
  func put(_ bytes: [UInt8], expires: Int64, now: Int64) -> [UInt8]? {
    let id = Random.bytes(16)
    return table.withLock { table in
      if table.entries.count >= limit, table.nextExpiry <= now {
        table.entries = table.entries.filter { $0.value.expires > now }
        table.nextExpiry = table.entries.values.reduce(Int64.max) { min($0, $1.expires) }
      }
      guard table.entries.count < limit else { return nil }
      table.entries[id] = Entry(bytes: bytes, expires: expires)
      table.nextExpiry = min(table.nextExpiry, expires)
      return id
    }
  }

  /// What was put under `id` and has not expired at `now`. It stays: going back in the browser asks again.
  func get(_ id: [UInt8], now: Int64) -> [UInt8]? {
    table.withLock { table in
      guard let entry = table.entries[id] else { return nil }
      guard now < entry.expires else {
        table.entries[id] = nil
        return nil
      }
      return entry.bytes
    }
  }
}
