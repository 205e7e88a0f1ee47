import EventLoop
import Login
import Session

/// What of an exchange may last for hours.
enum LastingAnswer: Equatable {
  case none
  case webSocket
  /// An answer of the type `text/event-stream`.
  case events
}

/// One loop's WebSockets and streams of events that must not outlive their sessions. While there are any, each is looked at once a second: a few
/// loads, as for a request.
final class OpenStreams: Pollable {
  private static let milliseconds: Int64 = 1000
  private let loop: EventLoop
  private var exchanges: [ObjectIdentifier: Exchange] = [:]

  init(loop: EventLoop) { self.loop = loop }

  /// How many are looked at.
  var count: Int { exchanges.count }

  func add(_ exchange: Exchange) {
    exchanges[ObjectIdentifier(exchange)] = exchange
    if deadline == .max { loop.setDeadline(self, at: loop.now + Self.milliseconds) }
  }

  func remove(_ exchange: Exchange) { exchanges[ObjectIdentifier(exchange)] = nil }

  override func deadlineReached() {
    for exchange in Array(exchanges.values) {
      if exchange.sessionStands { exchange.checkAgainIfDue() } else { exchange.endWithSession() }
    }
    if !exchanges.isEmpty { loop.setDeadline(self, at: loop.now + Self.milliseconds) }
  }
}

extension Exchange {
  /// What goes on now may last for hours.
  func becomeLasting(_ kind: LastingAnswer) {
    guard let settings = siteState?.settings else { return }
    lasting = kind
    let isWebSocket = kind == .webSocket
    lastingTimeout = isWebSocket ? settings.webSocketTimeout : settings.eventStreamTimeout
    let endsWithSession = isWebSocket ? settings.site.webSocket.endsWithSession : settings.site.eventStream.endsWithSession
    if endsWithSession, session != nil { worker.streams.add(self) }
  }

  /// It is over.
  func leaveLasting() {
    if lasting != .none {
      lasting = .none
      worker.streams.remove(self)
    }
    if isCountedAsWebSocket {
      isCountedAsWebSocket = false
      _ = siteState?.settings.webSocketGate?.leave()
    }
    if let user = countedUser {
      countedUser = nil
      siteState?.settings.memory.webSockets.leave(user)
    }
  }

  /// Whether the session with which this began has neither been ended nor reached its lifetime. That it is idle elsewhere cannot be seen here.
  var sessionStands: Bool {
    guard let session, let state = siteState else { return false }
    let now = now
    return state.settings.rules.isWithinLifetime(session.times, now: now) && state.stands(session, worker.revocations, now: now)
      && (rules === worker.rules || standsAfterReload(now: now))
  }

  /// Whether its session is one under the present rules too: a reload may have named other accounts, or taken a key out. Where its host is no
  /// site's any more nothing says that it is not.
  private func standsAfterReload(now: Int64) -> Bool {
    let present = worker.rules
    if let session, tokenUse?.isProgram ?? false { return programStandsAfterReload(session) }
    guard let before = hostContext, let value = requestCookies.sessionValue else { return true }
    let (bytes, name) = (headBytes, before.host)
    guard let host = present.hosts.context(of: name.span, isSecure: before.isSecure) else { return true }
    let opened = present.sealer.open(bytes.span.extracting(value), context: host.sealContext) { present.complete($0, host.settings) }
    guard let opened, !opened.isOver else { return false }
    return host.settings.rules.isWithinLifetime(opened.times, now: now)
      && present.sites[host.site].stands(opened, worker.revocations, now: now)
  }

  /// As `standsAfterReload`, of what a token has let in.
  private func programStandsAfterReload(_ session: OpenedSession) -> Bool {
    let present = worker.rules
    guard let before = hostContext else { return true }
    let name = before.host
    guard let host = present.hosts.context(of: name.span, isSecure: before.isSecure) else { return true }
    let site = present.sites[host.site]
    guard site.settings.openIDLogin(session.content.login)?.settings.bearer != nil else { return false }
    return site.stamp(of: session.content) == session.content.stamp
  }

  func endWithSession() {
    end = .sessionEnded
    connection?.abort()
  }

  // MARK: The handshake of a WebSocket

  /// Whether a signed-in user's handshake goes on to the app; else it has been answered.
  func admitsWebSocket() -> Bool {
    guard let settings = siteState?.settings, let origin else {
      fail(.internalError)
      return false
    }
    if case .same = settings.site.webSocket.origin,
      !OriginCheck.mayOpenWebSocket(
        origin, others: settings.webSocketOrigins, origin: soleValue(.origin), fetchSite: soleValue(.secFetchSite))
    {
      fail(.foreignOrigin)
      return false
    }
    return countsWebSocket(settings)
  }

  /// Takes the places that a WebSocket needs; they are given back when the exchange is over.
  private func countsWebSocket(_ settings: SiteSettings) -> Bool {
    // Nobody knows how many share a name that is not told.
    if let user = session?.user, !user.isEmpty {
      let limit = settings.site.webSocket.connectionsPerUser
      guard settings.memory.webSockets.enter(user, limit: limit) else {
        worker.services.siteWarning.warn(["site": settings.site.name, "websockets_per_user": "\(limit ?? 0)", "user": user])
        fail(.tooManyStreams)
        return false
      }
      countedUser = user
    }
    guard let gate = settings.webSocketGate else { return true }
    guard gate.enter() else {
      worker.services.siteWarning.warn(["site": settings.site.name, "websockets": "\(gate.limit)"])
      fail(.unavailable)
      return false
    }
    isCountedAsWebSocket = true
    return true
  }
}
