/// Whether a server that failed one request after the other is left out, and since when it is back. Times are the loop's milliseconds.
package struct Ejection: Sendable {
  package enum Failure: Sendable {
    /// No connection came about.
    case connection
    /// No answer, one that is none, or none in time.
    case answer
  }

  private let threshold: Int
  private let pause: Int64
  private var failures = 0
  // How often it was left out without a success since.
  private var times = 0
  private var outUntil = Int64.min
  // Nothing but failed connections since the last success.
  private var refuses = false

  /// - Parameters:
  ///   - failures: how many in a row; 0 for never.
  ///   - milliseconds: how long for the first time.
  package init(failures: Int, milliseconds: Int64) {
    threshold = failures
    pause = milliseconds
  }

  package func isOut(_ now: Int64) -> Bool { now < outUntil }

  /// It is left out, and not one connection has come about: it is known to be down.
  package func isKnownDown(_ now: Int64) -> Bool { refuses && isOut(now) }

  /// When the pause ends or ended; `Int64.min` if there was none.
  package var returnsAt: Int64 { outUntil }

  /// True when the server is left out from now on. One that has just come back is after its first failure, for twice as long, at most eight
  /// times the first pause.
  package mutating func failed(_ failure: Failure, _ now: Int64) -> Bool {
    refuses = failure == .connection && (failures == 0 || refuses)
    failures = min(failures + 1, threshold)
    guard threshold > 0, !isOut(now), failures >= threshold || times > 0 else { return false }
    outUntil = now + pause << Int64(min(times, 3))
    times += 1
    return true
  }

  /// A connection has come about.
  package mutating func connected() { refuses = false }

  /// An answer has begun: what was before does not count any more.
  package mutating func answered(_ now: Int64) {
    guard failures > 0 || times > 0 else { return }
    failures = 0
    times = 0
    refuses = false
    if isOut(now) { outUntil = now }
  }
}

/// The share of requests that a server gets after it came back.
package enum SlowStart {
  /// From 1 to `ServerView.fullShare`, growing evenly.
  /// - Parameters:
  ///   - since: when it came back; `Int64.min` if it was never away.
  ///   - duration: until the full share; same unit.
  package static func share(since: Int64, now: Int64, duration: Int64) -> Int {
    guard duration > 0, since != .min, since != .max, now < since + duration else { return ServerView.fullShare }
    return max(1, Int(max(0, now - since) * Int64(ServerView.fullShare) / duration))
  }
}
