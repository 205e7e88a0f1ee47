import Synchronization

/// Decides which occurrences of the same thing are worth a line: the first, then at most one in each interval.
struct RepetitionLimit: Sendable {
  let interval: Int64
  private var reportedAt: Int64?
  private var suppressed = 0

  /// `interval`: milliseconds.
  init(interval: Int64) { self.interval = interval }

  /// How many occurrences went unreported since the last report, when this one is to be reported; else nil.
  mutating func occurrence(at now: Int64) -> Int? {
    // A clock that was set back must not silence the warning until it has caught up.
    if let last = reportedAt, now >= last, now - last < interval {
      suppressed += 1
      return nil
    }
    reportedAt = now
    defer { suppressed = 0 }
    return suppressed
  }
}

/// A warning that anybody's requests can cause: written the first time, then at most once a minute with the count of the others as `more`.
package final class RepeatedWarning: Sendable {
  private let events: Events
  private let message: String
  private let limit: Mutex<RepetitionLimit>

  /// One for each message; keep it where the warning arises. `interval` is at least a millisecond.
  package init(_ message: String, events: Events, interval: Duration = .seconds(60)) {
    self.events = events
    self.message = message
    limit = Mutex(RepetitionLimit(interval: max(1, LogWriter.milliseconds(interval))))
  }

  /// Notes one occurrence. The fields are those of the occurrence that is written.
  package func warn(_ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
    let now = events.now
    guard let more = limit.withLock({ $0.occurrence(at: now) }) else { return }
    var written: [(name: String, value: String)] = fields().map { ($0, $1) }
    if more > 0 { written.append(("more", String(more))) }
    events.write(.warning, message, written)
  }
}
