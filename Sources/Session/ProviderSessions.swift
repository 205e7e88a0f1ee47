import Synchronization

/// Every session that an identity provider stands for. Any thread may ask; requests do so only when they open a cookie for the first time.
package final class ProviderSessions: Sendable {
  private struct Table {
    var limit: Int
    var sessions: [SessionID: ProviderSession] = [:]
    /// None ends before this.
    var nextEnd = Int64.max
    /// Forgotten since somebody last took the list.
    var forgotten: [SessionID] = []
  }

  private let table: Mutex<Table>

  /// - Parameter limit: how many there may be, 1 or more; each takes about 4 KB, most of it tokens.
  package init(limit: Int) { table = Mutex(Table(limit: limit)) }

  package var count: Int { table.withLock { $0.sessions.count } }

  /// Sets how many there may be from now on; those that are there already stay.
  package func setLimit(_ limit: Int) { table.withLock { $0.limit = limit } }

  /// Adds a session at `now` (seconds since 1970 UTC).
  /// - Returns: the one that had to go, where there are as many as may be: that of the oldest login, most likely of somebody who has left
  ///   without a logout.
  package func insert(_ session: ProviderSession, now: Int64) -> ProviderSession? {
    table.withLock { table in
      if table.sessions.count >= table.limit { Self.purge(&table, now) }
      var oldest: ProviderSession?
      if table.sessions.count >= table.limit {
        oldest = table.sessions.values.min { $0.facts.authenticatedAt < $1.facts.authenticatedAt }
        if let oldest { table.sessions[oldest.facts.id] = nil }
      }
      table.sessions[session.facts.id] = session
      table.nextEnd = min(table.nextEnd, session.facts.notAfter)
      return oldest
    }
  }

  package func session(_ id: SessionID) -> ProviderSession? { table.withLock { $0.sessions[id] } }

  /// Ends a session and forgets it.
  package func remove(_ id: SessionID) { table.withLock { $0.sessions.removeValue(forKey: id) }?.end() }

  /// Forgets what has reached its lifetime by `now` (seconds since 1970 UTC).
  /// - Returns: all that was forgotten for that since the last call; what is kept of them elsewhere can go.
  package func purge(now: Int64) -> [SessionID] {
    table.withLock { table in
      Self.purge(&table, now)
      guard !table.forgotten.isEmpty else { return [] }
      defer { table.forgotten = [] }
      return table.forgotten
    }
  }

  private static func purge(_ table: inout Table, _ now: Int64) {
    guard table.nextEnd <= now else { return }
    for (id, session) in table.sessions where session.facts.notAfter <= now { table.forgotten.append(id) }
    table.sessions = table.sessions.filter { $0.value.facts.notAfter > now }
    table.nextEnd = table.sessions.values.reduce(Int64.max) { min($0, $1.facts.notAfter) }
  }

  /// Those that a provider's logout is about: of one login, and of the person, or of the session at the provider, that it names. Where both
  /// are named, both must fit (OpenID Connect Back-Channel Logout 1.0, section 2.7); a session of that person of which the provider has not
  /// said which one it is may be the one that is meant, and ends.
  package func sessions(login: String, subject: String?, providerSessionID: String?) -> [ProviderSession] {
    guard subject != nil || providerSessionID != nil else { return [] }
    return table.withLock { table in
      table.sessions.values.filter { session in
        let facts = session.facts
        return facts.login == login && (subject == nil || facts.subject == subject)
          && (providerSessionID == nil || facts.providerSessionID == providerSessionID
            || (subject != nil && facts.providerSessionID == nil))
      }
    }
  }

  package var all: [ProviderSession] { table.withLock { Array($0.sessions.values) } }
}
