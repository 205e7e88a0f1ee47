import CLinux
import Synchronization
import TLS

/// One thread's epoll instance and everything that happens on it.
///
/// Made on its thread and never leaves it. Descriptors are registered once, edge-triggered, for both directions: no further call is needed
/// while a connection lives.
@safe package final class EventLoop {
  /// How other threads reach this loop.
  package let handle: LoopHandle
  /// Milliseconds of the monotonic clock, read once for each round.
  @inlinable package var now: Int64 { monotonicNow.load(ordering: .relaxed) }
  /// Milliseconds since 1970 UTC, read once for each round.
  @inlinable package var wallNow: Int64 { civilNow.load(ordering: .relaxed) }
  /// What the owner of the loop wants to find again in a posted call.
  package var context: AnyObject?

  /// Memory that the loop's connections share.
  package let buffers: BufferPool
  /// The same for what they encrypt.
  package let tlsOutput = TLSOutput()

  // Of one thread only: atomic because other targets can read such a constant's value in place, without a call and without a check.
  @usableFromInline let monotonicNow: Atomic<Int64>
  @usableFromInline let civilNow: Atomic<Int64>
  private let epoll: Int32
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private let timers = TimerQueue()
  private var requeued: [Pollable] = []
  private var isStopping = false

  private struct Slot {
    var pollable: Pollable?
    var generation: UInt32
  }

  private static let wakeUpData = UInt64.max

  /// - Parameter inputBytes: how much is received at a time, and so the longest message head.
  /// - Throws: `SystemError` when no descriptor is left.
  package init(handle: LoopHandle, inputBytes: Int = 64 << 10) throws(SystemError) {
    self.handle = handle
    buffers = BufferPool(inputCount: inputBytes)
    monotonicNow = Atomic(System.monotonicMilliseconds())
    civilNow = Atomic(System.wallMilliseconds())
    epoll = anteroom_epoll_create()
    guard epoll >= 0 else { throw SystemError("epoll_create1", anteroom_errno()) }
    try control(EPOLL_CTL_ADD, handle.wakeUp, anteroom_epoll_in, Self.wakeUpData)
  }

  deinit { System.close(epoll) }

  /// Registers `pollable` for both directions of `descriptor`, or without a descriptor, for its deadline only.
  /// - Throws: `SystemError` when the kernel refuses; then nothing is registered.
  package func add(_ pollable: Pollable, descriptor: Int32? = nil) throws(SystemError) {
    precondition(pollable.token == nil)
    let slot = takeSlot()
    let generation = slots[Int(slot)].generation
    if let descriptor {
      do throws(SystemError) {
        let interest = anteroom_epoll_in | anteroom_epoll_out | anteroom_epoll_read_hangup | anteroom_epoll_edge
        try control(EPOLL_CTL_ADD, descriptor, interest, UInt64(generation) << 32 | UInt64(slot))
      } catch {
        giveBackSlot(slot)
        throw error
      }
    }
    replace(slot, by: pollable)
    pollable.registration = Pollable.Token(slot: slot, generation: generation)
  }

  /// Has `pollable`, which is registered, called when a connection waits at a listening socket, beside those that it watches already. One that
  /// waits now counts as well.
  /// - Parameter isShared: other loops watch the same socket, and one of those that sleep is to be woken, not all. Whoever is called goes on
  ///   until nobody waits any more.
  /// - Throws: `SystemError` when the kernel refuses.
  package func watch(_ listener: Int32, for pollable: Pollable, isShared: Bool) throws(SystemError) {
    guard let token = pollable.registration else { return }
    let interest = anteroom_epoll_in | anteroom_epoll_edge | (isShared ? anteroom_epoll_exclusive : 0)
    try control(EPOLL_CTL_ADD, listener, interest, UInt64(token.generation) << 32 | UInt64(token.slot))
  }

  /// Undoes `watch`. Closing the socket would not do where another process has it too: this loop would go on being woken in place of theirs.
  package func unwatch(_ listener: Int32) { try? control(EPOLL_CTL_DEL, listener, 0, 0) }

  // What changes is taken out of its property meanwhile: an access to the loop that is open while something else happens would cost a check
  // at each of them.
  private func takeSlot() -> UInt32 {
    var free: [UInt32] = []
    swap(&free, &freeSlots)
    let slot = free.popLast()
    swap(&free, &freeSlots)
    if let slot { return slot }
    var all: [Slot] = []
    swap(&all, &slots)
    all.append(Slot(pollable: nil, generation: 0))
    swap(&all, &slots)
    return UInt32(slots.count - 1)
  }

  private func giveBackSlot(_ slot: UInt32) {
    var free: [UInt32] = []
    swap(&free, &freeSlots)
    free.append(slot)
    swap(&free, &freeSlots)
  }

  /// Who had the slot goes only after the slots are back, since others may go along.
  private func replace(_ slot: UInt32, by pollable: Pollable?) {
    var all: [Slot] = []
    swap(&all, &slots)
    let before = all[Int(slot)].pollable
    all[Int(slot)].pollable = pollable
    if pollable == nil { all[Int(slot)].generation &+= 1 }
    swap(&all, &slots)
    _ = consume before
  }

  /// Forgets `pollable`. The caller closes its descriptor, which takes it out of epoll; events already fetched for it are dropped.
  package func remove(_ pollable: Pollable) {
    guard let token = pollable.token else { return }
    pollable.registration = nil
    pollable.due = .max
    pollable.queuedDeadline = .max
    replace(token.slot, by: nil)
    giveBackSlot(token.slot)
  }

  /// What `token` names, if it is still there.
  package func pollable(_ token: Pollable.Token) -> Pollable? {
    guard Int(token.slot) < slots.count, slots[Int(token.slot)].generation == token.generation else { return nil }
    return slots[Int(token.slot)].pollable
  }

  /// Has `pollable.deadlineReached` called once `milliseconds` of the loop's clock have come; `Int64.max` for never.
  ///
  /// Moving a deadline later, the common case, touches no queue.
  package func setDeadline(_ pollable: Pollable, at milliseconds: Int64) {
    pollable.due = milliseconds
    guard milliseconds < pollable.queuedDeadline, let token = pollable.registration else { return }
    pollable.queuedDeadline = milliseconds
    timers.insert(TimerQueue.Entry(due: milliseconds, token: token))
  }

  /// Has `pollable.ready([])` called again after everything else that is ready now has had its turn.
  package func requeue(_ pollable: Pollable) {
    guard !pollable.isRequeued else { return }
    pollable.isRequeued = true
    var waiting: [Pollable] = []
    swap(&waiting, &requeued)
    waiting.append(pollable)
    swap(&waiting, &requeued)
  }

  /// Makes `run` return once the present round is done.
  package func stop() { isStopping = true }

  /// Runs until `stop`.
  package func run() {
    var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
    var messages: [LoopHandle.Message] = []
    var turn: [Pollable] = []
    while !isStopping {
      unsafe waitForEvents(&events)
      deliver(&messages)
      fireTimers()
      runRequeued(&turn)
    }
    var all: [Slot] = []
    swap(&all, &slots)
    for slot in all { slot.pollable?.registration = nil }
    handle.close()
  }

  private func waitForEvents(_ events: inout [epoll_event]) {
    var timeout: Int32 = 0
    if requeued.isEmpty, handle.prepareToSleep() {
      timeout = -1
      if let earliest = timers.earliest { timeout = Int32(clamping: max(0, earliest - System.monotonicMilliseconds())) }
    }
    // Safe: the kernel fills at most `events.count` entries of our own array.
    let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
      unsafe epoll_wait(epoll, buffer.baseAddress, Int32(buffer.count), timeout)
    }
    handle.wokeUp()
    monotonicNow.store(System.monotonicMilliseconds(), ordering: .relaxed)
    civilNow.store(System.wallMilliseconds(), ordering: .relaxed)
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      // Safe: the kernel has just written both fields of the first `count` entries.
      let (mask, data) = unsafe (events[index].events, events[index].data.u64)
      if data == Self.wakeUpData {
        var value: eventfd_t = 0
        _ = unsafe eventfd_read(handle.wakeUp, &value)
        continue
      }
      let slot = Int(UInt32(truncatingIfNeeded: data))
      guard slots[slot].generation == UInt32(truncatingIfNeeded: data >> 32), let pollable = slots[slot].pollable else { continue }
      pollable.ready(Self.readiness(mask))
    }
  }

  private static func readiness(_ events: UInt32) -> Pollable.Readiness {
    var readiness: Pollable.Readiness = []
    if events & (anteroom_epoll_in | anteroom_epoll_read_hangup) != 0 { readiness.insert(.readable) }
    if events & anteroom_epoll_read_hangup != 0 { readiness.insert(.ending) }
    if events & anteroom_epoll_out != 0 { readiness.insert(.writable) }
    // An error is found by the next read or write, so it makes both worth trying.
    if events & (anteroom_epoll_error | anteroom_epoll_hangup) != 0 { readiness.formUnion([.readable, .writable, .ending, .hangup]) }
    return readiness
  }

  private func deliver(_ messages: inout [LoopHandle.Message]) {
    handle.takeAll(&messages)
    guard !messages.isEmpty else { return }
    for message in messages {
      switch message {
      case .job(let job): handle.run(job)
      case .call(let call): call(self)
      }
    }
    messages.removeAll(keepingCapacity: true)
  }

  private func fireTimers() {
    while let entry = timers.popDue(now) {
      guard let pollable = pollable(entry.token), pollable.queuedDeadline == entry.due else { continue }
      pollable.queuedDeadline = .max
      if pollable.due <= now {
        pollable.due = .max
        pollable.deadlineReached()
      } else if pollable.due != .max {
        setDeadline(pollable, at: pollable.due)
      }
    }
  }

  private func runRequeued(_ turn: inout [Pollable]) {
    guard !requeued.isEmpty else { return }
    swap(&requeued, &turn)
    for pollable in turn {
      pollable.isRequeued = false
      if pollable.registration != nil { pollable.ready([]) }
    }
    turn.removeAll(keepingCapacity: true)
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ data: UInt64) throws(SystemError) {
    var event = unsafe epoll_event()
    unsafe event.events = events
    unsafe event.data.u64 = data
    guard unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0 else { throw SystemError("epoll_ctl", anteroom_errno()) }
  }
}
