import EventLoop
import Login
import Synchronization

/// From when on the idle connection of one entrance that goes first may go, in the loop's milliseconds; `Int64.max` where there is none.
final class IdleClock: Sendable {
  let oldest = Atomic<Int64>(.max)
  /// How many are idle and have had a request; kept right only where descriptors are scarce.
  let known = Atomic<Int>(0)
  // A loop writes its own clock often: others' shall not lie in the same line of the processor's cache.
  private let padding: (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0, 0, 0, 0)
}

/// How many connections there may be, in all, for each listener and for each client address; and, when there are too many, which loop has the
/// one that has been idle longest. Shared by all loops.
///
/// A loop with a listener is called an entrance, and numbered.
final class Admission: Sendable {
  /// All listeners together.
  let all: Gate
  /// For listeners that have a limit of their own.
  let listeners: [Gate?]
  let addresses: AddressCounts?
  /// How many descriptors all connections may take, where these are fewer than the configured connections might need.
  let descriptors: Int?
  private let loops: Int
  // For each entrance.
  private let clocks: [IdleClock]
  private let handles = Mutex<[LoopHandle?]>([])

  /// - Parameters:
  ///   - listeners: each one's own limit, where it has one.
  ///   - loops: how many there are.
  init(limit: Int, listeners: [Int?], perAddress: Int?, loops: Int, descriptors: Int? = nil) {
    all = Gate(limit: limit)
    self.listeners = listeners.map { $0.map { Gate(limit: $0) } }
    addresses = perAddress.map { AddressCounts(limit: $0) }
    self.loops = loops
    self.descriptors = descriptors
    clocks = (0..<loops * listeners.count).map { _ in IdleClock() }
    handles.withLock { $0 = [LoopHandle?](repeating: nil, count: loops) }
  }

  /// Says how a loop is reached. Before that it is not told of anything.
  func register(_ handle: LoopHandle, loop: Int) { handles.withLock { $0[loop] = handle } }

  func entrance(loop: Int, listener: Int) -> Int { loop * listeners.count + listener }

  // MARK: Places

  /// Whether so few places are left that somebody may find none because another one has just looked for who wants to come in.
  func isTight(listener: Int) -> Bool {
    if all.count + loops >= all.limit { return true }
    guard let own = listeners[listener] else { return false }
    return own.count + loops >= own.limit
  }

  /// Whether another connection would find a descriptor for itself and one for the app. So must all others, but for those that have had a
  /// request and are idle now: these are closed for one that needs more.
  var fitsDescriptors: Bool {
    guard let descriptors else { return true }
    let idle = clocks.reduce(0) { $0 + $1.known.load(ordering: .relaxed) }
    return 2 * (all.count + 1) - idle <= descriptors
  }

  /// Takes a place for a connection; else the answer is the gate that is full.
  func enter(listener: Int) -> Gate? {
    if let own = listeners[listener], !own.enter() { return own }
    guard !all.enter() else { return nil }
    if let own = listeners[listener], let next = own.leave() { wake(next) }
    return all
  }

  /// A connection is over.
  func leave(listener: Int) {
    if let own = listeners[listener], let next = own.leave() { wake(next) }
    if let next = all.leave() { wake(next) }
  }

  /// An entrance that was told of a place has nobody waiting any more.
  func passOn(listener: Int) {
    if let own = listeners[listener], let next = own.passOn() { wake(next) }
    if let next = all.passOn() { wake(next) }
  }

  // MARK: Idle connections

  /// The clocks that a loop keeps right, one for each listener.
  func clocks(loop: Int) -> [IdleClock] { Array(clocks[loop * listeners.count..<(loop + 1) * listeners.count]) }

  /// A connection has become idle: an entrance that waits may have it closed to make room.
  func becameIdle(listener: Int) {
    if let own = listeners[listener], own.hasWaiting, let next = own.next() { wake(next) }
    if all.hasWaiting, let next = all.next() { wake(next) }
  }

  /// The loop and listener with the connection that goes first of those that would make room at `gate`, and from when on it may go.
  func oldest(for gate: Gate) -> (loop: Int, listener: Int, due: Int64)? {
    var found: (loop: Int, listener: Int, due: Int64)?
    for (entrance, clock) in clocks.enumerated() {
      let listener = entrance % listeners.count
      guard gate === all || listeners[listener] === gate else { continue }
      let due = clock.oldest.load(ordering: .relaxed)
      if due < found?.due ?? .max { found = (entrance / listeners.count, listener, due) }
    }
    return found
  }

  // MARK: Other loops

  /// Has an entrance look again who waits there.
  func wake(_ entrance: Int) {
    let listener = entrance % listeners.count
    post(to: entrance / listeners.count) { ($0.context as? Worker)?.lookAgain(listener: listener) }
  }

  /// Has another loop close its connection that has been idle longest, unless `gate` has room by then, and then `entrance` look again.
  /// - Parameter gate: `nil` to close one in any case.
  func askForRoom(loop: Int, listener: Int, gate: Gate?, for entrance: Int) {
    post(to: loop) { [self] loop in
      if gate?.isFull ?? true { _ = (loop.context as? Worker)?.closeOldest(listener: listener) }
      post(to: entrance / listeners.count) { ($0.context as? Worker)?.roomWasMade(listener: entrance % self.listeners.count) }
    }
  }

  private func post(to loop: Int, _ call: @escaping @Sendable (EventLoop) -> Void) { handles.withLock { $0[loop] }?.post(call) }
}
