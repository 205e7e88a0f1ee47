/// The gateway's own addresses, which no app ever sees.
package enum ReservedPath: Sendable, Equatable {
  case login, logout, callback, backchannel, frontchannel, healthz, readyz, session, notice
  /// Below the prefix but none of these, or not spelled exactly so.
  case notFound

  private static let prefix = Array("/.anteroom".utf8)

  private static let served: [(path: [UInt8], value: ReservedPath)] = [
    (Array("/.anteroom/login".utf8), .login),
    (Array("/.anteroom/logout".utf8), .logout),
    (Array("/.anteroom/callback".utf8), .callback),
    (Array("/.anteroom/backchannel".utf8), .backchannel),
    (Array("/.anteroom/frontchannel".utf8), .frontchannel),
    (Array("/.anteroom/healthz".utf8), .healthz),
    (Array("/.anteroom/readyz".utf8), .readyz),
    (Array("/.anteroom/session".utf8), .session),
    (Array("/.anteroom/notice.js".utf8), .notice),
  ]

  /// `nil` for a path that is the app's in every reading. Only the exact spelling of a served address is served; other spellings, and
  /// paths with more readings than can be judged, are `notFound`.
  package static func parse(_ path: Span<UInt8>) -> ReservedPath? {
    parse(path, hasOneReading: PathTraits(of: path).isEmpty)
  }

  static func parse(_ path: Span<UInt8>, hasOneReading: Bool) -> ReservedPath? {
    if hasOneReading {
      guard isBelowPrefix(path) else { return nil }
      for (exact, value) in served where isEqual(path, exact) { return value }
      return .notFound
    }
    let readings = PathReadings(of: path)
    if readings.isIncomplete { return .notFound }
    for reading in readings.readings where isBelowPrefix(reading.span) { return .notFound }
    return nil
  }

  /// Whether the path must not reach the upstream.
  package static func isReserved(_ path: Span<UInt8>) -> Bool { parse(path) != nil }

  private static func isBelowPrefix(_ path: Span<UInt8>) -> Bool {
    // Nearly every path is told apart by its second byte.
    guard path.count > 1, path[1] == ASCII.dot else { return false }
    let prefix = prefix
    guard path.count >= prefix.count, path.count == prefix.count || path[prefix.count] == ASCII.slash else { return false }
    for index in prefix.indices where ASCII.lower(path[index]) != prefix[index] { return false }
    return true
  }

  private static func isEqual(_ path: Span<UInt8>, _ exact: [UInt8]) -> Bool {
    guard path.count == exact.count else { return false }
    for index in exact.indices where path[index] != exact[index] { return false }
    return true
  }
}
