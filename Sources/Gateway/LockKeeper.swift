import Audit
import EventLoop
import Login
import Session
import Synchronization

/// Keeps the login throttles' locks over a restart: they are saved when somebody runs into one, one save at a time.
final class LockKeeper: Sendable {
  private let sites: Mutex<[SiteSettings]>
  private let store: any SessionStore
  private let pool: BlockingPool
  private let events: Events
  private let clock: @Sendable () -> Int64
  private let isQueued = Atomic<Bool>(false)
  private let isHandedOver = Atomic<Bool>(false)

  /// - Parameter clock: seconds since 1970 UTC.
  init(settings: Settings, store: any SessionStore, pool: BlockingPool, events: Events, clock: @escaping @Sendable () -> Int64) {
    sites = Mutex(settings.sites)
    self.store = store
    self.pool = pool
    self.events = events
    self.clock = clock
  }

  /// Takes other sites. The locks of those that are not among them any more are not kept.
  func keep(_ sites: [SiteSettings]) { self.sites.withLock { $0 = sites } }

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
        for site in sites.withLock({ $0 }) where site.site.name == name {
          _ = site.memory.throttle.withLock { $0.restore(locks: locks, now: clock()) }
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

  /// Saves the locks for the last time: another process keeps them from now on. Blocks.
  func handOver() {
    save()
    isHandedOver.store(true, ordering: .sequentiallyConsistent)
  }

  /// They are this process's again after all.
  func takeBack() { isHandedOver.store(false, ordering: .sequentiallyConsistent) }

  /// Saves the locks now. Blocks.
  func save() {
    isQueued.store(false, ordering: .releasing)
    guard !isHandedOver.load(ordering: .sequentiallyConsistent) else { return }
    var writer = SealedWriter()
    for site in sites.withLock({ $0 }) {
      writer.write(site.site.name)
      writer.write(site.memory.throttle.withLock { $0.locks(now: clock()) })
    }
    do throws(StoreError) {
      try store.saveLocks(writer.bytes)
    } catch {
      events.error("login locks cannot be saved", ["reason": "\(error)"])
    }
  }
}
