/// A return address that waits, as one process tells another of it.
package struct PendingReturn: Sendable, Equatable {
  /// 16 bytes.
  package let id: [UInt8]
  /// As the caller of `putReturn` sealed it.
  package let bytes: [UInt8]
  package let source: [UInt8]
  /// Seconds since 1970 UTC.
  package let expires: Int64

  package init(id: [UInt8], bytes: [UInt8], source: [UInt8], expires: Int64) {
    self.id = id
    self.bytes = bytes
    self.source = source
    self.expires = expires
  }
}

/// The return addresses that wait in memory, and which of them make room.
///
/// Anybody may ask for one to be kept. So each source (a client's network) has a share, and its own oldest makes room when that is used up;
/// when all places are taken, the oldest of a source that has most of them does. A flood from some sources costs the others nothing.
struct PendingReturnTable {
  private struct Entry {
    let bytes: [UInt8]
    let source: [UInt8]
    let expires: Int64
  }

  /// The most that one source may have, where as many as that may be.
  static let largestShare = 1_000
  private static let shares = 4

  private(set) var limit = 0
  private var share = 1
  private var entries: [[UInt8]: Entry] = [:]
  /// What each source has, oldest first.
  private var kept: [[UInt8]: [[UInt8]]] = [:]
  /// The sources that have so many, for each number that some source has, and the largest of these numbers.
  private var holders: [Int: Set<[UInt8]>] = [:]
  private var most = 0
  /// All in the order of their arrival; before `firstArrival`, and here and there after it, some that are gone.
  private var arrivals: [[UInt8]] = []
  private var firstArrival = 0

  init(limit: Int) { setLimit(limit) }

  /// Sets another limit; what is kept already makes room as others come.
  mutating func setLimit(_ limit: Int) {
    self.limit = max(0, limit)
    share = max(1, min(Self.largestShare, limit / Self.shares))
  }

  var count: Int { entries.count }

  /// Keeps `bytes` under `id` until `expires`; false where none may be kept at all.
  mutating func put(_ bytes: [UInt8], id: [UInt8], from source: [UInt8], expires: Int64, now: Int64) -> Bool {
    guard limit > 0 else { return false }
    dropExpired(now: now)
    if let own = kept[source], own.count >= share {
      drop(own[0])
    }
    while entries.count >= limit, let source = holders[most]?.first, let oldest = kept[source]?.first { drop(oldest) }
    insert(id, Entry(bytes: bytes, source: source, expires: expires))
    return true
  }

  /// All that have not expired at `now`, oldest first.
  func all(now: Int64) -> [PendingReturn] {
    arrivals[firstArrival...].compactMap { id in
      entries[id].flatMap { $0.expires > now ? PendingReturn(id: id, bytes: $0.bytes, source: $0.source, expires: $0.expires) : nil }
    }
  }

  /// What was put under `id` and has not expired at `now`.
  mutating func get(_ id: [UInt8], now: Int64) -> [UInt8]? {
    guard let entry = entries[id] else { return nil }
    guard now < entry.expires else {
      drop(id)
      return nil
    }
    return entry.bytes
  }

  private mutating func insert(_ id: [UInt8], _ entry: Entry) {
    entries[id] = entry
    let count = kept[entry.source]?.count ?? 0
    kept[entry.source, default: []].append(id)
    move(entry.source, from: count, to: count + 1)
    arrivals.append(id)
    if arrivals.count > 2 * entries.count + 16 {
      arrivals = arrivals[firstArrival...].filter { entries[$0] != nil }
      firstArrival = 0
    }
  }

  private mutating func drop(_ id: [UInt8]) {
    guard let entry = entries.removeValue(forKey: id), var ids = kept[entry.source] else { return }
    let count = ids.count
    if let index = ids.firstIndex(of: id) { ids.remove(at: index) }
    kept[entry.source] = ids.isEmpty ? nil : ids
    move(entry.source, from: count, to: ids.count)
  }

  /// Those that came first and are over: all that are over, when all are kept equally long.
  private mutating func dropExpired(now: Int64) {
    while firstArrival < arrivals.count {
      let id = arrivals[firstArrival]
      if let entry = entries[id] {
        guard entry.expires <= now else { return }
        drop(id)
      }
      firstArrival += 1
    }
  }

  /// A source has another number of addresses than before.
  private mutating func move(_ source: [UInt8], from old: Int, to new: Int) {
    if var others = holders.removeValue(forKey: old) {
      others.remove(source)
      if !others.isEmpty { holders[old] = others }
    }
    if new > 0 { holders[new, default: []].insert(source) }
    most = max(most, new)
    while most > 0, holders[most] == nil { most -= 1 }
  }
}
