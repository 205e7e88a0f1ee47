import Crypto
import Pages
import Session
import Synchronization

/// What the app has said of one of its session cookies. All loops share it. All times are milliseconds of the monotonic clock.
final class AppSession: Sendable {
  /// Somebody who is signed in, as the app said last.
  struct Known: Sendable {
    let user: String
    /// What follows the same login; another one after another login.
    let session: OutsideSession
    /// Since when the app has said so, in seconds since 1970 UTC.
    let since: Int64
  }

  /// What is known now, without asking.
  enum Look: Sendable {
    case signedIn(Known)
    /// With who was before, as long as that is known.
    case notSignedIn(user: String?)
    /// The app has to be asked. `isTrusted`: it was said to be signed in before, so that asking is no stranger's doing.
    case unknown(isTrusted: Bool)
  }

  typealias Waiter = CheckedContinuation<AppProbeOutcome, Never>

  private struct State {
    var known: Known?
    var lastUser: String?
    var isAbsent = false
    var validUntil = Int64.min
    /// Counts what makes an answer on its way worthless.
    var generation: UInt64 = 0
    var waiting: [Waiter] = []
    var hasLanded = false
  }

  /// For revocations, streams and affinity.
  let id: SessionID
  private let state = Mutex(State())

  /// How long "not signed in" is believed: pages load many things at once.
  static let absence: Int64 = 5_000

  init(id: SessionID) { self.id = id }

  func look(_ now: Int64) -> Look {
    state.withLock { state in
      guard now < state.validUntil else { return .unknown(isTrusted: state.known != nil) }
      if state.isAbsent { return .notSignedIn(user: state.lastUser) }
      return state.known.map { .signedIn($0) } ?? .unknown(isTrusted: false)
    }
  }

  /// What was said is believed no more.
  func drop() {
    state.withLock { state in
      state.validUntil = .min
      state.generation += 1
    }
  }

  /// Forgets that nobody was signed in.
  func dropAbsence() { state.withLock { if $0.known == nil || $0.isAbsent { ($0.validUntil, $0.generation) = (.min, $0.generation + 1) } } }

  /// The first page after a login is told apart from all later ones: true once for each login.
  func land() -> Bool {
    state.withLock { state in
      defer { state.hasLanded = true }
      return state.known != nil && !state.hasLanded
    }
  }

  /// Asks the app, unless that is under way: then its answer is this one's too. An answer that has become worthless on its way is asked for anew.
  /// - Parameter seconds: the time, in seconds since 1970 UTC.
  func ask(
    recheck: Int64, clock: @escaping @Sendable () -> Int64, seconds: Int64, _ probe: @escaping @Sendable () async -> AppProbeOutcome
  ) async -> AppProbeOutcome {
    await withCheckedContinuation { waiter in
      let (isFirst, known) = state.withLock { state -> (Bool, AppProbeOutcome?) in
        // Somebody else's answer may have come since this one looked.
        if clock() < state.validUntil { return (false, state.known.map { .signedIn(user: $0.user) } ?? .notSignedIn("")) }
        defer { state.waiting.append(waiter) }
        return (state.waiting.isEmpty, nil)
      }
      if let known { return waiter.resume(returning: known) }
      guard isFirst else { return }
      // Not on a loop's own executor: those who wait on other loops are to learn of it when this one ends.
      Task {
        var outcome = AppProbeOutcome.unknown(.checkBusy, "what the app says changes all the time")
        for _ in 0..<Self.tries {
          let before = state.withLock { $0.generation }
          outcome = await probe()
          if take(outcome, before, now: clock(), recheck: recheck, seconds: seconds) { break }
          outcome = .unknown(.checkBusy, "what the app says changes all the time")
        }
        let waiting = state.withLock { state in
          defer { state.waiting = [] }
          return state.waiting
        }
        for waiter in waiting { waiter.resume(returning: outcome) }
      }
    }
  }

  private static let tries = 3

  private func take(_ outcome: AppProbeOutcome, _ generation: UInt64, now: Int64, recheck: Int64, seconds: Int64) -> Bool {
    let (isGood, ended) = state.withLock { state -> (Bool, OutsideSession?) in
      guard state.generation == generation else { return (false, nil) }
      switch outcome {
      case .signedIn(let user):
        (state.isAbsent, state.validUntil) = (false, now + recheck)
        if let known = state.known, known.user == user, !known.session.isEnded { return (true, nil) }
        let before = state.known?.session
        state.known = Known(user: user, session: OutsideSession(), since: seconds)
        (state.hasLanded, state.lastUser) = (false, user)
        return (true, before)
      case .notSignedIn:
        let before = state.known?.session
        (state.known, state.isAbsent, state.validUntil) = (nil, true, now + Self.absence)
        return (true, before)
      case .unknown: return (true, nil)
      }
    }
    ended?.end()
    return isGood
  }
}

/// The app's sessions that are remembered, by a keyed digest of host and cookie: no cookie is kept. The latest used stay when there are too many.
final class AppSessions: Sendable {
  private struct State {
    var young: [SessionID: AppSession] = [:]
    var old: [SessionID: AppSession] = [:]
  }

  private let secret = Random.bytes(32)
  private let half: Int
  private let state = Mutex(State())

  /// - Parameter limit: 2 or more.
  init(limit: Int) { half = max(1, limit / 2) }

  /// What is known of a cookie; nothing yet for a new one.
  /// - Parameter context: the site, host and scheme that it was sent to.
  func session(of cookie: [UInt8], context: [UInt8]) -> AppSession {
    var writer = SealedWriter(capacity: 256)
    writer.write(secret)
    writer.write(context)
    writer.write(cookie)
    let id = SessionID(digest: Array(SHA256.hash(writer.bytes)))
    return state.withLock { state in
      if let known = state.young[id] { return known }
      let session = state.old.removeValue(forKey: id) ?? AppSession(id: id)
      if state.young.count >= half {
        state.old = state.young
        state.young = [:]
      }
      state.young[id] = session
      return session
    }
  }

  var count: Int { state.withLock { $0.young.count + $0.old.count } }
}
