import Config
import Crypto
import EventLoop
import Fetch
import HTTP
import Login
import Session
import Synchronization

/// `login app`, compiled: what is known of the app's own sessions. Shared by all loops, and handed on by a reload that leaves it as it was.
final class AppLogin: Sendable {
  let settings: AppLoginSettings
  let cookie: [UInt8]
  let sessions: AppSessions
  let strangers: Mutex<StrangerCounts>
  /// The probes that may wait for an answer at once.
  let pending: Gate
  /// In milliseconds.
  let recheck: Int64

  init(_ settings: AppLoginSettings, pending: Int) {
    self.settings = settings
    cookie = [UInt8](settings.cookie.utf8)
    sessions = AppSessions(limit: settings.sessions)
    let window = settings.strangers.window.milliseconds / 1000
    strangers = Mutex(StrangerCounts(limit: settings.strangers.count, window: max(1, window)))
    self.pending = Gate(limit: pending)
    recheck = settings.recheck.milliseconds
  }

  /// Asks the app about one of its sessions, or waits for whoever does.
  func ask(_ session: AppSession, _ request: AppRequest, seconds: Int64, on handle: LoopHandle) async -> AppProbeOutcome {
    await session.ask(recheck: recheck, clock: { System.monotonicMilliseconds() }, seconds: seconds) { [pending, settings] in
      guard pending.enter() else { return .unknown(.checkBusy, "too many probes wait for the app's answer") }
      defer { _ = pending.leave() }
      do throws(FetchFault) { return AppProbeOutcome(try await request.send(on: handle), settings.probe.user) } catch {
        return AppProbeOutcome(error)
      }
    }
  }
}

/// What the app's own login has to do with a request: in one place, so that all others pay for it with one look.
struct AppUse {
  /// A tab that is to come back to what was chosen in it.
  struct Tab: Sendable {
    let name: String
    /// The sealed ticket that its cookie holds.
    let ticket: [UInt8]
    /// The request's own address names it, rather than that of the page before.
    var isInAddress: Bool
  }

  /// Of the cookie that the request came with.
  var session: AppSession?
  var tab: Tab?
  /// How often the app was asked about this request.
  var asked = 0
  /// The app does not say, and the request may go on without.
  var goesOnUnknown = false
  /// What lasts is being asked about again.
  var isAsking = false
}

extension Exchange {
  /// The app's own login, where the app keeps it.
  var appLogin: AppLogin? {
    guard let settings = siteState?.settings, settings.keepsOutsideLogin else { return nil }
    for login in settings.logins { if case .app(let login) = login.kind { return login } }
    return nil
  }

  // MARK: Who it is

  /// Finds out who is signed in at the app: true where that is known now, or does not matter; false where it has been answered, or waits.
  func identify(by login: AppLogin) -> Bool {
    guard let route else { return true }
    var use = appUse ?? AppUse()
    if use.tab == nil, use.asked == 0 { use.tab = findTab(login) }
    let session = use.session ?? soleAppCookie(login).map { login.sessions.session(of: $0, context: appContext) }
    use.session = session
    appUse = use
    guard let session else { return true }
    let isOnItsWay = route.isLoginPage && use.tab != nil && isGetOrHead
    if route.isLoginPage, use.asked == 0 { session.drop() }
    // A login page is for everybody: it matters only to a tab that could go on already.
    guard !route.isLoginPage || isOnItsWay, !use.goesOnUnknown else { return true }
    switch session.look(worker.loop.now) {
    case .signedIn(let known):
      open(known, session)
      return true
    case .notSignedIn(let user):
      if let user, let settings = siteState?.settings {
        endedSession = opened(AppSession.Known(user: user, session: OutsideSession(), since: now), session, settings)
      }
      return true
    case .unknown(let isTrusted):
      ask(session, login, isTrusted: isTrusted, isNeeded: route.needsLogin) { $0.authorizeAgain() }
      return false
    }
  }

  /// Goes on once it is known who is signed in, for addresses of our own; where that cannot be known it is answered.
  func identify(by login: AppLogin, then: @escaping @Sendable (Exchange) -> Void) {
    var use = appUse ?? AppUse()
    let session = use.session ?? soleAppCookie(login).map { login.sessions.session(of: $0, context: appContext) }
    use.session = session
    appUse = use
    guard let session else { return then(self) }
    switch session.look(worker.loop.now) {
    case .signedIn(let known):
      open(known, session)
      then(self)
    case .notSignedIn: then(self)
    case .unknown(let isTrusted):
      ask(session, login, isTrusted: isTrusted, isNeeded: true) { $0.identify(by: login, then: then) }
    }
  }

  /// Takes over what the app has said, unless the session was ended here.
  private func open(_ known: AppSession.Known, _ session: AppSession) {
    guard let state = siteState else { return }
    let opened = opened(known, session, state.settings)
    if state.stands(opened, worker.revocations, now: now) { self.session = opened }
  }

  func opened(_ known: AppSession.Known, _ session: AppSession, _ settings: SiteSettings) -> OpenedSession {
    let now = now
    let content = SessionContent(
      id: session.id, login: SessionContent.outsideLogin, user: known.user,
      stamp: [UInt8](repeating: 0, count: SessionContent.stampCount), authenticatedAt: now, lastActivity: now,
      notAfter: now + Self.revocationLifetime)
    return OpenedSession(content, identityLines: known.user.isEmpty ? [] : settings.identityLines(content), outside: known.session)
  }

  /// How long a logout here is remembered, in seconds: no app keeps a session that nobody uses for longer.
  private static let revocationLifetime: Int64 = 90 * 86_400

  private func ask(
    _ session: AppSession, _ login: AppLogin, isTrusted: Bool, isNeeded: Bool, then: @escaping @Sendable (Exchange) -> Void
  ) {
    guard let connection, let network = clientNetwork(connection) else { return fail(.internalError) }
    if !isTrusted, let pause = login.strangers.withLock({ $0.pause(network, now: now) }) {
      if isNeeded { return fail(.tooManyRequests, retryAfter: pause) }
      return goOnUnknown(then)
    }
    let asked = (appUse?.asked ?? 0) + 1
    appUse?.asked = asked
    // What is dropped each time while it is asked is nobody's session.
    guard asked <= 3 else { return isNeeded ? fail(.checkBusy, retryAfter: 1) : goOnUnknown(then) }
    guard let request = appRequest(login.settings.probe.target) else { return isNeeded ? fail(.unavailable) : goOnUnknown(then) }
    let (handle, seconds) = (worker.loop.handle, now)
    wait(for: { await login.ask(session, request, seconds: seconds, on: handle) }) { exchange, outcome in
      switch outcome {
      case .signedIn: break
      case .notSignedIn: if !isTrusted { login.strangers.withLock { $0.count(network, now: exchange.now) } }
      case .unknown(let failure, let reason):
        exchange.worker.services.probeWarning.warn(["site": exchange.siteState?.settings.site.name ?? "", "reason": reason])
        if isNeeded { return exchange.fail(failure, retryAfter: failure.status == 503 ? 1 : nil) }
        return exchange.goOnUnknown(then)
      }
      then(exchange)
    }
  }

  private func goOnUnknown(_ then: @escaping @Sendable (Exchange) -> Void) {
    appUse?.goesOnUnknown = true
    then(self)
  }

  /// The value of the app's session cookie: exactly one of its name, and not empty.
  private func soleAppCookie(_ login: AppLogin) -> [UInt8]? {
    guard head.present.contains(.cookie), let host = hostContext else { return nil }
    requestCookies.read(head.fields, in: headBytes.span, host.cookieNames)
    let values = CookieJar(requestCookies.appsOwn, path: []).values(login.cookie)
    guard values.count == 1, let value = values.first, !value.isEmpty else { return nil }
    return value
  }

  /// What cookies are for: the same one sent to two hosts is two sessions.
  var appContext: [UInt8] {
    guard let host = hostContext else { return [] }
    var writer = SealedWriter(capacity: 64)
    writer.write(host.settings.site.name)
    writer.write(host.host.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 })
    writer.write(UInt8(host.isSecure ? 1 : 0))
    return writer.bytes
  }

  // MARK: What lasts

  /// Asks again about a WebSocket or stream of events, once what was said is not believed any more: if nobody is signed in it ends.
  func checkAppSessionIfDue(_ login: AppLogin) {
    guard let use = appUse, let session = use.session, !use.isAsking else { return }
    guard case .unknown = session.look(worker.loop.now), let request = appRequest(login.settings.probe.target) else { return }
    appUse?.isAsking = true
    guard let token = connection?.token else { return }
    let (serial, handle, seconds) = (serial, worker.loop.handle, now)
    Task(executorPreference: handle) {
      _ = await login.ask(session, request, seconds: seconds, on: handle)
      handle.post { loop in
        guard let connection = loop.pollable(token) as? ClientConnection, let exchange = connection.exchange, exchange.serial == serial
        else { return }
        exchange.appUse?.isAsking = false
      }
    }
  }
}
