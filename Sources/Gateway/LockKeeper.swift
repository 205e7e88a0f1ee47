import Audit
import EventLoop
import Login
import Session
import Synchronization

/// Keeps the login throttles' locks over a restart: they are saved when somebody runs into one, one save at a time.
final class LockKeeper: Sendable {
  private let settings: Settings
  private let store: any SessionStore
  private let pool: BlockingPool
  private let events: Events
  private let clock: @Sendable () -> Int64
  private let isQueued = Atomic<Bool>(false)

  /// - Parameter clock: seconds since 1970 UTC.
  init(settings: Settings, store: any SessionStore, pool: BlockingPool, events: Events, clock: @escaping @Sendable () -> Int64) {
    self.settings = settings
    self.store = store
    self.pool = pool
    self.events = events
    self.clock = clock
  }

  /// Puts back what was saved before the last stop. Blocks: for start-up.
  func restore() {
    do throws(StoreError) {
      guard let saved = try store.loadLocks() else { return }
      var reader = SealedReader(saved)
      while !reader.isAtEnd {
        guard let name = reader.readText(), let locks = reader.readBytes() else {
          events.warning("the saved login locks are damaged; the rest of them is lost")
          return
        }
        for site in settings.sites where site.site.name == name {
          _ = site.throttle.withLock { $0.restore(locks: locks, now: clock()) }
        }
      }
    } catch {
      events.warning("the saved login locks cannot be read", ["reason": "\(error)"])
    }
  }

  /// Saves the locks soon; a call while a save waits is served by that one.
  func saveSoon() {
    guard !isQueued.exchange(true, ordering: .acquiringAndReleasing) else { return }
    if !pool.offer({ self.save() }) { isQueued.store(false, ordering: .releasing) }
  }

  /// Saves the locks now. Blocks.
  func save() {
    isQueued.store(false, ordering: .releasing)
    var writer = SealedWriter()
    for site in settings.sites {
      writer.write(site.site.name)
      writer.write(site.throttle.withLock { $0.locks(now: clock()) })
    }
    do throws(StoreError) {
      try store.saveLocks(writer.bytes)
    } catch {
      events.error("login locks cannot be saved", ["reason": "\(error)"])
    }
  }
}
