import Config

/// Whether a session still holds.
package enum SessionStatus: Sendable, Equatable {
  /// Which limit ended it.
  package enum Limit: Sendable { case idle, lifetime }
  case live
  case expired(Limit)
  /// It comes from the future, by more than clocks differ.
  case notYet
}

/// The limits of one site's sessions, on the server's clock. All times are seconds since 1970 UTC.
package struct SessionRules: Sendable, Equatable {
  /// How far another server's clock may be ahead.
  package static let skew: Int64 = 60

  /// Seconds without activity.
  package let idle: Int64
  /// Seconds from the login on.
  package let lifetime: Int64
  /// How old the recorded activity may become before the cookie is sealed anew, in seconds: a tenth of `idle`, from 1 to 60.
  package let granularity: Int64

  /// Parts of a second are rounded up; less than a second counts as one.
  package init(_ settings: SessionSettings) {
    idle = Self.seconds(settings.idle)
    lifetime = Self.seconds(settings.lifetime)
    granularity = max(1, min(60, idle / 10))
  }

  /// Judges a session at `now`.
  ///
  /// The recorded activity may be up to `granularity` older than the true one, so that much is added to the idle limit: nobody is signed
  /// out early.
  package func status(of times: SessionTimes, now: Int64) -> SessionStatus {
    guard times.authenticatedAt <= now + Self.skew, times.lastActivity <= now + Self.skew else { return .notYet }
    guard isWithinLifetime(times, now: now) else { return .expired(.lifetime) }
    guard Self.elapsed(from: times.lastActivity, to: now) < idle + granularity else { return .expired(.idle) }
    return .live
  }

  /// Whether the login is not older than a login may become, however active its session is.
  package func isWithinLifetime(_ times: SessionTimes, now: Int64) -> Bool {
    now < times.notAfter && Self.elapsed(from: times.authenticatedAt, to: now) < lifetime
  }

  /// Whether a request that counts as activity at `now` should give the browser a cookie with `touched` content.
  package func needsRenewal(_ times: SessionTimes, now: Int64) -> Bool {
    Self.elapsed(from: times.lastActivity, to: now) >= granularity
  }

  /// `content` after activity at `now`. The login's time, and so the absolute limit, stays.
  package func touched(_ content: SessionContent, now: Int64) -> SessionContent {
    var content = content
    content.lastActivity = max(content.lastActivity, now)
    return content
  }

  /// `SessionContent.notAfter` for a login at `authenticatedAt`.
  package func notAfter(authenticatedAt: Int64) -> Int64 {
    authenticatedAt + lifetime
  }

  /// When the session ends if nothing more happens.
  package func end(of times: SessionTimes) -> Int64 {
    min(lifetimeEnd(of: times), idleEnd(of: times))
  }

  /// When it ends without activity.
  package func idleEnd(of times: SessionTimes) -> Int64 { times.lastActivity + idle + granularity }

  /// When it ends however active it is.
  package func lifetimeEnd(of times: SessionTimes) -> Int64 { min(times.notAfter, times.authenticatedAt + lifetime) }

  private static func elapsed(from start: Int64, to now: Int64) -> Int64 {
    let (seconds, overflow) = now.subtractingReportingOverflow(start)
    return overflow ? .max : seconds
  }

  private static func seconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    // A hundred years at most, so that no sum of times overflows.
    return max(1, min(attoseconds > 0 ? seconds &+ 1 : seconds, 3_155_760_000))
  }
}
