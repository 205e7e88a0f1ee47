import Audit
import Config
import Crypto
import EventLoop
import Fetch
import Pages
import Session
import Synchronization

/// `login forward`, compiled: the checker, and what it has answered. Shared by all loops, and by all sites that write the same.
final class ForwardLogin: Sendable {
  let settings: ForwardLoginSettings
  /// The questions that may wait for an answer at once.
  let pending: Gate
  private let reading: CheckReading
  private let answers: CheckedSessions
  private let fetcher: Fetcher
  private let warning: RepeatedWarning?
  private let secret = Random.bytes(32)
  private let lifetime: Int64?

  /// Reads the file of authorities; blocks for it.
  /// - Parameters:
  ///   - pool: for name look-ups.
  ///   - events: where faults are told, once and then once a minute; `nil` for nowhere.
  /// - Throws: `Diagnostic`, when that file is faulty.
  init(_ settings: ForwardLoginSettings, limits: Limits, pool: BlockingPool, events: Events?) throws(Diagnostic) {
    let plain = settings.check.split(separator: ForwardLoginSettings.placeholder, omittingEmptySubsequences: false).joined()
    guard let address = FetchAddress(plain) else {
      throw Diagnostic(
        .error, file: settings.check, line: 0, column: 0, "`check` is no address that can be asked (write https://HOST/PATH)")
    }
    self.settings = settings
    pending = Gate(limit: limits.pendingChecks)
    answers = CheckedSessions(limit: limits.cachedChecks)
    reading = CheckReading(settings, address: address)
    let names = RememberedName()
    fetcher = Fetcher(pool: pool, client: try ProviderFiles.client(settings.authorities), resolver: { names.addresses(host: $0, port: $1) })
    warning = events.map { RepeatedWarning("a checker cannot be used", events: $0) }
    lifetime = settings.cache?.milliseconds
  }

  func setLimits(_ limits: Limits) {
    pending.setLimit(limits.pendingChecks)
    answers.setLimit(limits.cachedChecks)
  }

  /// What is believed of a request now; never waits.
  func known(_ request: CheckRequest) -> Checked? {
    lifetime == nil ? nil : answers.answer(key(request), now: System.monotonicMilliseconds())
  }

  /// Asks the checker.
  func check(_ request: CheckRequest, on handle: LoopHandle) async -> Checked {
    guard let lifetime else { return Checked(answer: await ask(request, on: handle)) }
    let key = key(request)
    return await answers.ask(
      key, { await self.ask(request, on: handle) },
      keep: { checked in
        // A cookie is for one browser, once.
        guard case .letIn = checked.answer.verdict, checked.answer.cookies.isEmpty else { return }
        self.answers.keep(
          checked, key, browser: request.browser(self.secret), lifetime: lifetime, now: System.monotonicMilliseconds())
      })
  }

  /// What is believed of the browser that sends this request is believed no more.
  func forget(_ request: CheckRequest) { answers.end(request.browser(secret)) }

  /// A name for somebody that is the same in each answer, though nobody is signed in here.
  func stableID(_ user: String, _ request: CheckRequest) -> SessionID {
    var writer = SealedWriter()
    writer.write(secret)
    if user.isEmpty { writer.write(request.cookies) } else { writer.write(user) }
    return SessionID(digest: Array(SHA256.hash(writer.bytes)))
  }

  private func key(_ request: CheckRequest) -> CheckKey { request.key(secret, ignoresSubject: settings.cacheIgnoresPath) }

  private func ask(_ request: CheckRequest, on handle: LoopHandle) async -> CheckAnswer {
    guard let message = request.message(to: settings.check) else { return CheckAnswer(verdict: .failed(.badRequest)) }
    guard pending.enter() else {
      warning?.warn([
        "checker": message.address.place, "reason": "too many questions wait for its answer (is it slow? See `pending_checks`)",
      ])
      return CheckAnswer(verdict: .failed(.checkBusy))
    }
    defer { _ = pending.leave() }
    let answer: CheckAnswer
    do throws(FetchFault) {
      answer = reading.answer(try await fetcher.fetch(message, on: handle))
    } catch {
      answer = reading.failure(error)
    }
    if let fault = answer.fault { warning?.warn(["checker": message.address.place, "reason": fault]) }
    return answer
  }
}

/// The addresses of the checker's name, looked up again now and then, and not for each question.
private final class RememberedName: Sendable {
  private static let milliseconds: Int64 = 10_000
  private let known = Mutex<(addresses: [SocketAddress], until: Int64)>(([], 0))

  /// Of the one host that there is; blocks.
  func addresses(host: String, port: UInt16) -> [SocketAddress] {
    let now = System.monotonicMilliseconds()
    let remembered = known.withLock { now < $0.until ? $0.addresses : [] }
    guard remembered.isEmpty else { return remembered }
    let found = SocketAddress.resolve(host: host, port: port)
    known.withLock { $0 = (found, now + Self.milliseconds) }
    return found
  }
}

extension Settings {
  /// The checkers of all sites. Those that a configuration before this had too go on, with what they have answered.
  /// - Throws: `Diagnostic`, when a file that one of them names is faulty.
  static func forwardLogins(
    _ configuration: Configuration, before: [ForwardLogin] = [], pool: BlockingPool, events: Events?
  ) throws(Diagnostic) -> [ForwardLogin] {
    var logins: [ForwardLogin] = []
    for case .forward(let settings) in configuration.sites.flatMap(\.logins).map(\.kind) {
      guard !logins.contains(where: { $0.settings == settings }) else { continue }
      // What its file holds may have changed.
      if settings.authorities == nil, let known = before.first(where: { $0.settings == settings }) {
        logins.append(known)
      } else {
        logins.append(try ForwardLogin(settings, limits: configuration.limits, pool: pool, events: events))
      }
    }
    return logins
  }
}
