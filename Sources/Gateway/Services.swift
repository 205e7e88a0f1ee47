import Audit
import EventLoop
import Login
import Session
import Synchronization
import TLS

/// What all workers share for as long as the process lives. Nothing here is waited for on the request path.
final class Services: Sendable {
  let store: EmbeddedStore
  let audit: AuditTrail
  let events: Events
  let writer: LogWriter
  /// Name look-ups, disk flushes.
  let pool: BlockingPool
  /// Password hashes, and nothing else, so that a flood of logins holds nothing up.
  let hashing: BlockingPool
  let lockKeeper: LockKeeper
  /// For TLS sessions that are taken up again.
  let ticketSecrets: TicketSecrets
  let upstreamWarning: RepeatedWarning
  let ejectionWarning: RepeatedWarning
  let auditWarning: RepeatedWarning
  let connectionWarning: RepeatedWarning
  let handshakeWarning: RepeatedWarning
  let siteWarning: RepeatedWarning
  let proxyWarning: RepeatedWarning
  let forwardingWarning: RepeatedWarning
  let signInWarning: RepeatedWarning
  let providerWarning: RepeatedWarning
  let sessionWarning: RepeatedWarning
  let lookupWarning: RepeatedWarning
  let checkWarning: RepeatedWarning
  let probeWarning: RepeatedWarning
  let roomWarning: RepeatedWarning
  /// The sessions that identity providers stand for.
  let providerSessions: ProviderSessions
  let renewals = RenewalsUnderWay()
  /// The forms that wait for their senders' logins.
  let heldForms: HeldForms
  /// Who may connect.
  let admission: Admission
  /// From this descriptor on they are running out.
  let descriptorThreshold: Int32
  /// How many the process may open.
  let descriptors: Int
  private let loops: Int
  private let shortage = Mutex(DescriptorShortage())
  private let isShort = Atomic<Bool>(false)

  init(
    store: EmbeddedStore, audit: AuditTrail, events: Events, writer: LogWriter, pool: BlockingPool, hashing: BlockingPool,
    lockKeeper: LockKeeper, admission: Admission, descriptors: Int, loops: Int, providerSessions: Int = 20_000, heldForms: Int = 64 << 20,
    ticketSecrets: TicketSecrets = Services.newTicketSecrets()
  ) {
    self.ticketSecrets = ticketSecrets
    self.store = store
    self.audit = audit
    self.events = events
    self.writer = writer
    self.pool = pool
    self.hashing = hashing
    self.lockKeeper = lockKeeper
    upstreamWarning = RepeatedWarning("no answer from an app", events: events)
    ejectionWarning = RepeatedWarning("an upstream is left out for its failures", events: events)
    auditWarning = RepeatedWarning("the audit trail's queue is full", events: events)
    connectionWarning = RepeatedWarning("too many connections", events: events)
    handshakeWarning = RepeatedWarning("a TLS handshake came to nothing", events: events)
    siteWarning = RepeatedWarning("too many requests at a site", events: events)
    proxyWarning = RepeatedWarning("a connection without a PROXY header that may be believed is closed", events: events)
    forwardingWarning = RepeatedWarning("what a trusted proxy says of its client cannot be used", events: events)
    signInWarning = RepeatedWarning("a sign-in at a provider came to nothing", events: events)
    providerWarning = RepeatedWarning("a provider cannot be asked", events: events)
    roomWarning = RepeatedWarning("there are as many sessions as may be: the one of the oldest login ends", events: events)
    probeWarning = RepeatedWarning("the app does not say who is signed in", events: events)
    checkWarning = RepeatedWarning("somebody who is signed in may not open the page that was chosen", events: events)
    sessionWarning = RepeatedWarning("a session cannot be written: it does not survive a restart", events: events)
    lookupWarning = RepeatedWarning("an app cannot be asked for its id of a patient", events: events)
    self.providerSessions = ProviderSessions(limit: providerSessions)
    self.heldForms = HeldForms(limit: heldForms)
    self.admission = admission
    self.descriptors = descriptors
    self.loops = loops
    descriptorThreshold = Int32(clamping: DescriptorShortage.threshold(descriptors))
  }

  static func newTicketSecrets() -> TicketSecrets { TicketSecrets { System.monotonicMilliseconds() / 1000 } }

  // MARK: File descriptors

  /// How many descriptors all connections may take, where these are fewer than `connections` might need.
  func descriptorLimit(connections: Int, listeners: Int) -> Int? {
    let capacity = DescriptorShortage.capacity(descriptors, loops: loops, listeners: listeners)
    return capacity < 2 * connections ? capacity : nil
  }

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
