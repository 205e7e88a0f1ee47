import EventLoop
import Synchronization

/// From when on the idle connection of one entrance that goes first may go, in the loop's milliseconds; `Int64.max` where there is none.
final class IdleClock: Sendable {
  let oldest = Atomic<Int64>(.max)
  /// How many are idle and have had a request; kept right only where descriptors are scarce.
  let known = Atomic<Int>(0)
  // A loop writes its own clock often: others' shall not lie in the same line of the processor's cache.
  private let padding: (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0, 0, 0, 0)
}

/// A listener as those who come in by it count: for as long as it listens, whatever a reload changes, and then until its last connection is over.
final class Entrance: Sendable {
  /// Its place among all entrances. Somebody else's once nothing refers to it any more.
  let slot: Int
  /// The address that it listens on.
  let address: SocketAddress
  /// Connections of its own; without a limit their number still counts.
  let gate: Gate
  /// One for each loop, which keeps it right.
  let clocks: [IdleClock]
  /// Loops that accept here.
  let acceptors = Atomic<Int>(0)
  private let isOpen = Atomic<Bool>(true)

  init(slot: Int, address: SocketAddress, limit: Int?, loops: Int) {
    self.slot = slot
    self.address = address
    gate = Gate(limit: limit ?? .max)
    clocks = (0..<loops).map { _ in IdleClock() }
  }

  /// Nobody listens here any more.
  func shut() { isOpen.store(false, ordering: .releasing) }

  /// Whether its place may be another's: all loops have let go of it, and so has every connection.
  var isGone: Bool {
    !isOpen.load(ordering: .acquiring) && acceptors.load(ordering: .sequentiallyConsistent) == 0 && gate.count == 0
  }
}
