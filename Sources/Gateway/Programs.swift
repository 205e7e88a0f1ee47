import Session

/// The access tokens that one loop has verified last for one site, so that a program does not pay for a signature with each request.
final class Programs {
  struct Known {
    let session: OpenedSession
    /// The app gets the token too.
    let forwards: Bool
    /// Nobody asks again before that, in seconds since 1970 UTC.
    let until: Int64
  }

  /// How long what was found out is believed, in seconds: as long may a key go on that the provider has given up.
  static let trust: Int64 = 60
  /// Until when a token is believed that ends at `expires`, in seconds since 1970 UTC. One that a clock's tolerance has let in is believed for
  /// a second: the request that has waited for it finds it.
  static func until(expires: Int64, now: Int64) -> Int64 { max(now + 1, min(expires, now + trust)) }

  private static let limit = 1024
  private var known: [[UInt8]: Known] = [:]

  func program(with token: [UInt8], now: Int64) -> Known? {
    guard let found = known[token], now < found.until else { return nil }
    return found
  }

  func remember(_ program: Known, token: [UInt8]) {
    if known.count >= Self.limit { known.removeAll() }
    known[token] = program
  }
}
