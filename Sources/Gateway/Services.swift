import Audit
import EventLoop
import Login
import Session
import Synchronization

/// What all workers share. Nothing here is waited for on the request path.
final class Services: Sendable {
  let ring: KeyRing
  let store: any SessionStore
  let audit: AuditTrail
  let events: Events
  let writer: LogWriter
  let accessSink: LogSink?
  /// Name look-ups, disk flushes.
  let pool: BlockingPool
  /// Password hashes, and nothing else, so that a flood of logins holds nothing up.
  let hashing: BlockingPool
  let lockKeeper: LockKeeper
  let tickets: ReturnTickets
  let formTokens: FormTokens
  let devices: DeviceCookies
  let upstreamWarning: RepeatedWarning
  let ejectionWarning: RepeatedWarning
  let auditWarning: RepeatedWarning
  let connectionWarning: RepeatedWarning
  /// Client connections of all workers.
  let connections = Atomic<Int>(0)

  init(
    ring: KeyRing, store: any SessionStore, audit: AuditTrail, events: Events, writer: LogWriter, accessSink: LogSink?, pool: BlockingPool,
    hashing: BlockingPool, lockKeeper: LockKeeper
  ) {
    self.ring = ring
    self.store = store
    self.audit = audit
    self.events = events
    self.writer = writer
    self.accessSink = accessSink
    self.pool = pool
    self.hashing = hashing
    self.lockKeeper = lockKeeper
    tickets = ReturnTickets(ring: ring)
    formTokens = FormTokens(ring: ring)
    devices = DeviceCookies(ring: ring)
    upstreamWarning = RepeatedWarning("no answer from an app", events: events)
    ejectionWarning = RepeatedWarning("an upstream is left out for its failures", events: events)
    auditWarning = RepeatedWarning("the audit trail's queue is full", events: events)
    connectionWarning = RepeatedWarning("too many connections", events: events)
  }
}
