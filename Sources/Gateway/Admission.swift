import EventLoop
import Login
import Synchronization

/// Since when the oldest idle connection of one entrance has been idle, in the loop's milliseconds; `Int64.max` where there is none.
final class IdleClock: Sendable {
  let oldest = Atomic<Int64>(.max)
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
  private let loops: Int
  // For each entrance.
  private let clocks: [IdleClock]
  private let handles = Mutex<[LoopHandle?]>([])

  /// - Parameters:
  ///   - listeners: each one's own limit, where it has one.
  ///   - loops: how many there are.
  init(limit: Int, listeners: [Int?], perAddress: Int?, loops: Int) {
    all = Gate(limit: limit)
    self.listeners = listeners.map { $0.map { Gate(limit: $0) } }
    addresses = perAddress.map { AddressCounts(limit: $0) }
    self.loops = loops
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

  /// The loop and listener with the connection that has been idle longest, of those that would make room at `gate`.
  func oldest(for gate: Gate) -> (loop: Int, listener: Int)? {
    var found: (loop: Int, listener: Int)?
    var since = Int64.max
    for (entrance, clock) in clocks.enumerated() {
      let listener = entrance % listeners.count
      guard gate === all || listeners[listener] === gate else { continue }
      let oldest = clock.oldest.load(ordering: .relaxed)
      if oldest < since {
        since = oldest
        found = (entrance / listeners.count, listener)
      }
    }
    return found
  }

  // MARK: Other loops

  /// Has an entrance look again who waits there.
  func wake(_ entrance: Int) {
    let listener = entrance % listeners.count
    post(to: entrance / listeners.count) { ($0.context as? Worker)?.lookAgain(listener: listener) }
  }

  /// Has another loop close its connection that has been idle longest; `entrance` looks again if that loop has none any more.
  func askForRoom(loop: Int, listener: Int, for entrance: Int) {
    post(to: loop) { [self] loop in
      if (loop.context as? Worker)?.closeOldest(listener: listener) != true { wake(entrance) }
    }
  }

  private func post(to loop: Int, _ call: @escaping @Sendable (EventLoop) -> Void) { handles.withLock { $0[loop] }?.post(call) }
}
