/// What connection attempts told about a server. It counts as down for a while after a failed one, longer after each further one.
package struct PassiveHealth: Sendable {
  private var failures = 0
  private var downUntil = Int64.min

  package init() {}

  /// Whether requests should go there, at `now` in the loop's milliseconds.
  package func isUp(_ now: Int64) -> Bool { now >= downUntil }

  /// A connection attempt failed: down for 1 s, then 2, 4, at most 8.
  package mutating func failed(_ now: Int64) {
    downUntil = now + 1000 << Int64(min(failures, 3))
    failures += 1
  }

  /// A connection attempt succeeded.
  package mutating func succeeded() {
    failures = 0
    downUntil = .min
  }
}
