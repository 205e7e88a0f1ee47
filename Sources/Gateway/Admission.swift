import EventLoop
import Login
import Synchronization

/// How many connections there may be, in all, for each listener and for each client address; and, when there are too many, which loop has the
/// one that has been idle longest. Shared by all loops.
///
/// A loop at an entrance is somebody who may wait for a place, and is numbered. Limits and listeners change with a reload: whoever is in stays
/// in, and leaves where it came in.
final class Admission: Sendable {
  /// All listeners together.
  let all: Gate
  let addresses: AddressCounts
  private let loops: Int
  private let mostDescriptors: Atomic<Int>
  // By their slots.
  private let entrances = Mutex<[Entrance]>([])
  private let handles = Mutex<[LoopHandle?]>([])

  /// - Parameters:
  ///   - loops: how many there are.
  ///   - descriptors: how many all connections may take, where these are fewer than the configured connections might need.
  init(limit: Int, perAddress: Int?, loops: Int, descriptors: Int? = nil) {
    all = Gate(limit: limit)
    addresses = AddressCounts(limit: perAddress)
    self.loops = loops
    mostDescriptors = Atomic(descriptors ?? .max)
    handles.withLock { $0 = [LoopHandle?](repeating: nil, count: loops) }
  }

  /// Whether descriptors are fewer than the configured connections might need.
  var countsDescriptors: Bool { mostDescriptors.load(ordering: .relaxed) != .max }

  /// Takes other limits.
  func setLimits(all limit: Int, perAddress: Int?, descriptors: Int?) {
    all.setLimit(limit)
    addresses.setLimit(perAddress)
    mostDescriptors.store(descriptors ?? .max, ordering: .relaxed)
    tellThoseWhoWait(all)
  }

  /// Takes another limit for one listener.
  func setLimit(_ limit: Int?, at entrance: Entrance) {
    entrance.gate.setLimit(limit ?? .max)
    tellThoseWhoWait(entrance.gate)
  }

  private func tellThoseWhoWait(_ gate: Gate) {
    while let next = gate.passOn() { wake(next) }
  }

  /// A new listener's entrance, in the place of one that is gone if there is any.
  func open(_ address: SocketAddress, limit: Int?) -> Entrance {
    entrances.withLock { entrances in
      let slot = entrances.firstIndex(where: \.isGone) ?? entrances.count
      let entrance = Entrance(slot: slot, address: address, limit: limit, loops: loops)
      if slot < entrances.count { entrances[slot] = entrance } else { entrances.append(entrance) }
      return entrance
    }
  }

  /// Every entrance that somebody uses.
  var present: [Entrance] { entrances.withLock { $0.filter { !$0.isGone } } }

  /// Says how a loop is reached. Before that it is not told of anything.
  func register(_ handle: LoopHandle, loop: Int) { handles.withLock { $0[loop] = handle } }

  /// The number of a loop at an entrance.
  func number(loop: Int, _ entrance: Entrance) -> Int { entrance.slot * loops + loop }

  // MARK: Places

  /// Whether so few places are left that somebody may find none because another one has just looked for who wants to come in.
  func isTight(_ entrance: Entrance) -> Bool {
    all.count + loops >= all.limit || entrance.gate.count + loops >= entrance.gate.limit
  }

  /// Whether another connection would find a descriptor for itself and one for the app. So must all others, but for those that have had a
  /// request and are idle now: these are closed for one that needs more.
  var fitsDescriptors: Bool {
    let limit = mostDescriptors.load(ordering: .relaxed)
    guard limit != .max else { return true }
    let idle = entrances.withLock { entrances in
      entrances.reduce(0) { $1.clocks.reduce($0) { $0 + $1.known.load(ordering: .relaxed) } }
    }
    return 2 * (all.count + 1) - idle <= limit
  }

  /// Takes a place for a connection; else the answer is the gate that is full.
  func enter(_ entrance: Entrance) -> Gate? {
    guard entrance.gate.enter() else { return entrance.gate }
    guard !all.enter() else { return nil }
    if let next = entrance.gate.leave() { wake(next) }
    return all
  }

  /// A connection is over.
  func leave(_ entrance: Entrance) {
    if let next = all.leave() { wake(next) }
    if let next = entrance.gate.leave() { wake(next) }
  }

  /// A loop at an entrance that was told of a place has nobody waiting any more.
  func passOn(_ entrance: Entrance) {
    if let next = entrance.gate.passOn() { wake(next) }
    if let next = all.passOn() { wake(next) }
  }

  // MARK: Idle connections

  /// A connection has become idle: whoever waits may have it closed to make room.
  func becameIdle(_ entrance: Entrance) {
    if entrance.gate.hasWaiting, let next = entrance.gate.next() { wake(next) }
    if all.hasWaiting, let next = all.next() { wake(next) }
  }

  /// The loop and entrance with the connection that goes first of those that would make room at `gate`, and from when on it may go.
  func oldest(for gate: Gate) -> (loop: Int, entrance: Entrance, due: Int64)? {
    var found: (loop: Int, entrance: Entrance, due: Int64)?
    for entrance in entrances.withLock({ $0 }) where gate === all || gate === entrance.gate {
      for (loop, clock) in entrance.clocks.enumerated() {
        let due = clock.oldest.load(ordering: .relaxed)
        if due < found?.due ?? .max { found = (loop, entrance, due) }
      }
    }
    return found
  }

  // MARK: Other loops

  /// Has a loop look again who waits at an entrance.
  func wake(_ number: Int) {
    post(to: number % loops) { [slot = number / loops] in ($0.context as? Worker)?.lookAgain(slot: slot) }
  }

  /// Has another loop close its connection that has been idle longest, unless `gate` has room by then, and then the loop `number` look again.
  /// - Parameter gate: `nil` to close one in any case.
  func askForRoom(loop: Int, _ entrance: Entrance, gate: Gate?, for number: Int) {
    post(to: loop) { [self] loop in
      if gate?.isFull ?? true { _ = (loop.context as? Worker)?.closeOldest(entrance) }
      post(to: number % loops) { [slot = number / loops] in ($0.context as? Worker)?.roomWasMade(slot: slot) }
    }
  }

  private func post(to loop: Int, _ call: @escaping @Sendable (EventLoop) -> Void) { handles.withLock { $0[loop] }?.post(call) }
}
