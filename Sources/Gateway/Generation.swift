import Audit
import Config
import EventLoop
import Login
import Session

/// One reading of the configuration and of the key ring, compiled: what all loops share until the next one takes its place. Requests that have
/// begun end under the generation that they began in.
final class Generation: Sendable {
  let settings: Settings
  let ring: KeyRing
  let tickets: ReturnTickets
  let formTokens: FormTokens
  let devices: DeviceCookies
  let attempts: SignInAttempts
  let postedAnswers: PostedAnswers
  let providerSessionSealer: ProviderSessionSealer
  let upstreams: UpstreamPlan
  /// Where access lines go, and in which form; `nil` for nowhere.
  let accessLog: (sink: LogSink, format: EventLog.Format)?
  /// In the order of the configuration.
  let listeners: [ListenerInfo]

  init(
    settings: Settings, ring: KeyRing, upstreams: UpstreamPlan, accessLog: (sink: LogSink, format: EventLog.Format)?,
    listeners: [ListenerInfo]
  ) {
    self.settings = settings
    self.ring = ring
    tickets = ReturnTickets(ring: ring)
    formTokens = FormTokens(ring: ring)
    devices = DeviceCookies(ring: ring)
    attempts = SignInAttempts(ring: ring)
    postedAnswers = PostedAnswers(ring: ring)
    providerSessionSealer = ProviderSessionSealer(ring: ring)
    self.upstreams = upstreams
    self.accessLog = accessLog
    self.listeners = listeners
  }

  var configuration: Configuration { settings.configuration }

  /// How much a loop receives at a time, so that the longest head fits.
  var inputBytes: Int { max(64 << 10, configuration.limits.headerBytes + (16 << 10)) }

  /// Tells those who count, for all loops, the limits that hold from now on. What they have counted stays.
  func setLimits(_ services: Services) {
    let limits = configuration.limits
    services.admission.setLimits(
      all: limits.connections, perAddress: limits.connectionsPerAddress,
      descriptors: services.descriptorLimit(connections: limits.connections, listeners: listeners.count))
    for (info, listener) in zip(listeners, configuration.listeners) {
      services.admission.setLimit(listener.connections, at: info.entrance)
    }
    services.hashing.setLimit(limits.pendingLogins)
    services.store.setReturnLimit(limits.pendingReturns)
    services.providerSessions.setLimit(limits.providerSessions)
    services.heldForms.setLimit(limits.heldForms)
    for login in settings.openIDLogins { login.exchanges.setLimit(limits.pendingLogins) }
    for login in settings.forwardLogins { login.setLimits(limits) }
    for site in settings.sites {
      for case .app(let login) in site.logins.lazy.map(\.kind) { login.pending.setLimit(limits.pendingChecks) }
      site.memory.throttle.withLock { $0.set(site.site.password?.throttle ?? ThrottleSettings(), entries: limits.throttleEntries) }
      if let requests = site.site.requests { site.gate?.setLimit(requests) }
      if let connections = site.site.webSocket.connections { site.webSocketGate?.setLimit(connections) }
    }
    services.lockKeeper.keep(settings.sites)
  }
}
