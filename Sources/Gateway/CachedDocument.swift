import OpenID

/// Decides when a provider's document is fetched. Times are seconds of one clock that never goes back.
struct CachedDocument<Value: Sendable>: Sendable {
  /// What is to be done for somebody who wants it.
  enum Want: Sendable {
    /// It is there; `fetches`: the caller is to have it fetched anew meanwhile.
    case use(Value, fetches: Bool)
    /// It will come; `fetches`: the caller is to fetch it.
    case wait(fetches: Bool)
    /// There was no getting it a moment ago.
    case fail(ProviderFault)
  }

  /// How long what has run out is used while there is no newer one: who is signed in goes on while the provider is down.
  static var grace: Int64 { 24 * 3600 }
  /// How long nobody asks again after a failure: a provider that is down is not hammered, and logins fail at once.
  static var failurePause: Int64 { 5 }
  /// How long it is not asked for again because of something that it does not have.
  static var newerPause: Int64 { 60 }
  static var askedAlready: ProviderFault { ProviderFault("it was asked for again less than a minute ago") }

  private(set) var value: Value?
  /// Counts the documents that have come.
  private(set) var version = 0
  private var freshUntil: Int64 = -1 << 40
  private var isFetching = false
  private var failure: (fault: ProviderFault, until: Int64)?
  private var askedForNewer: Int64?

  /// The document, unless it may be out of date.
  func fresh(_ now: Int64) -> Value? { now < freshUntil ? value : nil }

  private func isPausing(_ now: Int64) -> Bool { failure.map { now < $0.until } ?? false }

  mutating func want(_ now: Int64) -> Want {
    if let value = fresh(now) { return .use(value, fetches: false) }
    if let value, now < freshUntil + Self.grace { return .use(value, fetches: beginsFetching(now)) }
    if isFetching { return .wait(fetches: false) }
    if let failure, isPausing(now) { return .fail(failure.fault) }
    return .wait(fetches: beginsFetching(now))
  }

  /// As `want`, for somebody to whom the document of `version` was not enough. Once a minute it is asked for again; in between a fault says so.
  mutating func wantNewer(than version: Int, _ now: Int64) -> Want {
    if let value, self.version > version { return .use(value, fetches: false) }
    if isFetching { return .wait(fetches: false) }
    if let failure, isPausing(now) { return .fail(failure.fault) }
    if let askedForNewer, now < askedForNewer + Self.newerPause { return .fail(Self.askedAlready) }
    askedForNewer = now
    return .wait(fetches: beginsFetching(now))
  }

  /// Whether the caller is to fetch it, so that nobody has to wait when it runs out within `margin`.
  mutating func wantAhead(_ now: Int64, margin: Int64) -> Bool { now + margin >= freshUntil && beginsFetching(now) }

  private mutating func beginsFetching(_ now: Int64) -> Bool {
    guard !isFetching, !isPausing(now) else { return false }
    isFetching = true
    return true
  }

  /// - Parameter lifetime: seconds.
  /// - Returns: whether there was no getting it before.
  mutating func arrived(_ value: Value, lifetime: Int64, _ now: Int64) -> Bool {
    self.value = value
    version += 1
    freshUntil = now + lifetime
    isFetching = false
    defer { failure = nil }
    return failure != nil
  }

  mutating func failed(_ fault: ProviderFault, _ now: Int64) {
    isFetching = false
    failure = (fault, now + Self.failurePause)
  }
}
