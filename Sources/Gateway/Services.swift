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
  let siteWarning: RepeatedWarning
  let proxyWarning: RepeatedWarning
  let forwardingWarning: RepeatedWarning
  /// Who may connect.
  let admission: Admission
  /// From this descriptor on they are running out.
  let descriptorThreshold: Int32
  private let descriptors: Int
  private let shortage = Mutex(DescriptorShortage())
  private let isShort = Atomic<Bool>(false)

  init(
    ring: KeyRing, store: any SessionStore, audit: AuditTrail, events: Events, writer: LogWriter, accessSink: LogSink?, pool: BlockingPool,
    hashing: BlockingPool, lockKeeper: LockKeeper, admission: Admission, descriptors: Int
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
    siteWarning = RepeatedWarning("too many requests at a site", events: events)
    proxyWarning = RepeatedWarning("a connection without a PROXY header that may be believed is closed", events: events)
    forwardingWarning = RepeatedWarning("what a trusted proxy says of its client cannot be used", events: events)
    self.admission = admission
    self.descriptors = descriptors
    descriptorThreshold = Int32(clamping: DescriptorShortage.threshold(descriptors))
  }

  // MARK: File descriptors

  /// Whether it was said that they run out, and not yet that there are enough again.
  var isShortOfDescriptors: Bool { isShort.load(ordering: .relaxed) }

  /// Says, once, that they run out.
  func descriptorsRunOut(_ reason: String, now: Int64) {
    isShort.store(true, ordering: .relaxed)
    guard shortage.withLock({ $0.noteShort(now) }) else { return }
    events.warning(
      "file descriptors run out: connections wait until some are free (raise the limit of open files, as with LimitNOFILE in systemd)",
      ["open_files": "\(descriptors)", "reason": reason])
  }

  /// Whether there are enough at this moment.
  var hasDescriptors: Bool { System.nextDescriptor().map { $0 < descriptorThreshold } ?? false }

  /// Looks whether there are enough again, and says so.
  func lookForDescriptors(now: Int64) {
    guard hasDescriptors, admission.fitsDescriptors else {
      shortage.withLock { _ = $0.noteShort(now) }
      return
    }
    let isOver = shortage.withLock { shortage in
      let isOver = shortage.noteEnough(now)
      isShort.store(shortage.isShort, ordering: .relaxed)
      return isOver
    }
    if isOver { events.info("there are enough file descriptors again: no connection waits for one") }
  }
}
