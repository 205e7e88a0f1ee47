import Synchronization

/// A session that was ended before its time.
package struct Revocation: Sendable, Equatable {
  /// Which session.
  package let id: SessionID
  /// `SessionContent.notAfter`: from then on the session does not open anyway.
  package let until: Int64

  /// The end of session `id`, which would have opened until `until`, in seconds since 1970 UTC.
  package init(id: SessionID, until: Int64) {
    self.id = id
    self.until = until
  }
}

extension Revocation {
  /// For another process, 32 bytes each.
  package static func encode(_ revocations: [Revocation]) -> [UInt8] { RevocationJournal.encode(revocations) }

  /// What `encode` made; `nil` if it is damaged.
  package static func decode(_ bytes: [UInt8]) -> [Revocation]? {
    let contents = RevocationJournal.decode(RevocationJournal.header + bytes)
    return contents.damaged == 0 && !contents.isTorn ? contents.revocations : nil
  }
}

/// Every revocation in force. Written rarely, from any thread; read on each request through a `RevocationView`, without locks.
package final class Revocations: Sendable {
  /// Entries since the last time expired ones were dropped. They are only appended to while `epoch` stays.
  struct Journal {
    var epoch: UInt64 = 0
    var entries: [Revocation] = []
    /// The count at which expired entries are looked for.
    var purgeAt: Int
    /// None expires before this.
    var nextExpiry = Int64.max
  }

  /// The most revocations in force at once.
  package let limit: Int
  private let version = Atomic<UInt64>(0)
  private let journal: Mutex<Journal>
  private static let leastPurge = 1024

  /// - Parameter limit: 1 or more; each takes about 100 bytes and as many again for each event loop.
  package init(limit: Int = 1 << 20) {
    self.limit = limit
    journal = Mutex(Journal(purgeAt: min(limit, Self.leastPurge)))
  }

  /// Adds a revocation at `now` (seconds since 1970 UTC); `false` if there are `limit` in force.
  ///
  /// Every view tells of it from its next question on, once this has returned.
  package func insert(_ revocation: Revocation, now: Int64) -> Bool {
    journal.withLock { journal in
      if journal.entries.count >= journal.purgeAt {
        if journal.nextExpiry <= now {
          journal.entries.removeAll { $0.until <= now }
          journal.nextExpiry = journal.entries.reduce(Int64.max) { min($0, $1.until) }
          journal.epoch += 1
          version.add(1, ordering: .releasing)
        }
        // Twice what is left: purging costs each insertion a constant share, however many stay.
        journal.purgeAt = min(limit, max(Self.leastPurge, journal.entries.count * 2))
      }
      guard journal.entries.count < limit else { return false }
      journal.entries.append(revocation)
      journal.nextExpiry = min(journal.nextExpiry, revocation.until)
      version.add(1, ordering: .releasing)
      return true
    }
  }

  /// Those in force at `now`.
  package func current(now: Int64) -> [Revocation] {
    journal.withLock { $0.entries.filter { $0.until > now } }
  }

  /// How many are kept, expired ones that no purge has reached yet among them.
  package var count: Int { journal.withLock { $0.entries.count } }

  /// Changes with every change.
  var currentVersion: UInt64 { version.load(ordering: .acquiring) }

  /// The entries that a reader who has seen `count` of `epoch` does not know; all, if the epoch is another one.
  func news(epoch: UInt64, count: Int) -> (version: UInt64, epoch: UInt64, all: Bool, entries: [Revocation]) {
    journal.withLock { journal in
      let all = journal.epoch != epoch
      let unknown = all ? journal.entries : Array(journal.entries[count...])
      return (version.load(ordering: .relaxed), journal.epoch, all, unknown)
    }
  }
}

/// One event loop's copy of the revocations. Not `Sendable`: it belongs to the loop's thread.
package final class RevocationView {
  private let source: Revocations
  /// Of what it has seen last.
  private(set) var version: UInt64 = 0
  private var epoch: UInt64 = 0
  private var seen = 0
  private var until: [SessionID: Int64] = [:]

  /// A view that knows of everything in `source`.
  package init(_ source: Revocations) {
    self.source = source
  }

  /// How many it holds, expired ones that no purge has reached yet among them.
  var count: Int { until.count }

  /// Whether the session is revoked at `now` (seconds since 1970 UTC). One atomic load and one look-up, unless something has changed.
  package func contains(_ id: SessionID, now: Int64) -> Bool {
    guard let until = end(of: id) else { return false }
    return now < until
  }

  /// Until when the session is revoked, if it is.
  func end(of id: SessionID) -> Int64? {
    if source.currentVersion != version { refresh() }
    return until.isEmpty ? nil : until[id]
  }

  /// Whether nothing has changed since `version` was that of this view.
  func isCurrent(_ version: UInt64) -> Bool { source.currentVersion == version }

  private func refresh() {
    let news = source.news(epoch: epoch, count: seen)
    if news.all {
      until.removeAll(keepingCapacity: true)
      seen = 0
    }
    for revocation in news.entries { until[revocation.id] = max(until[revocation.id] ?? .min, revocation.until) }
    seen += news.entries.count
    (version, epoch) = (news.version, news.epoch)
  }
}
