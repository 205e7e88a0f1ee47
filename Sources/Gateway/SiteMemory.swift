import Config
import Login
import Synchronization

/// What is remembered of a site whatever its settings become: a reload hands it on.
final class SiteMemory: Sendable {
  let throttle: Mutex<Throttle>
  let webSockets = UserCounts()
  /// Since the gateway has known the site.
  let logins = Atomic<Int>(0)
  let refusedLogins = Atomic<Int>(0)
  let logouts = Atomic<Int>(0)

  init(_ settings: ThrottleSettings, entries: Int) {
    throttle = Mutex(Throttle(settings: settings, entries: entries))
  }
}
