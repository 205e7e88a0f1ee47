/// What came of the last reloads.
struct ReloadHistory: Sendable {
  struct Entry: Sendable, Equatable {
    /// Seconds since 1970 UTC.
    let time: Int64
    let trigger: ReloadTrigger
    let isReloaded: Bool
    /// What was wrong with the files, or with what they ask for.
    let faults: Int
    let warnings: Int
    /// From the call to the answer.
    let milliseconds: Int64
  }

  static let kept = 10
  /// The latest one last.
  private(set) var entries: [Entry] = []
  /// All there ever were.
  private(set) var count = 0

  mutating func add(_ entry: Entry) {
    count += 1
    entries.append(entry)
    if entries.count > Self.kept { entries.removeFirst(entries.count - Self.kept) }
  }
}

/// Who has asked for a reload.
package enum ReloadTrigger: String, Sendable {
  case signal
  case command
}

/// What came of a reload.
package enum ReloadOutcome: Sendable {
  /// The new configuration is in force; what to know about it.
  case reloaded(warnings: [String])
  /// Nothing has changed; everything that is wrong, each with its place and its mend.
  case refused(faults: [String])
}
