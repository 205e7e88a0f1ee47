import Synchronization

/// A number of places that all loops share, and a queue of those who wait for one.
///
/// Taking and giving back a place is one atomic operation each. The lock belongs to the queue, which is empty until places run out.
final class Gate: Sendable {
  private let most: Atomic<Int>
  private let taken = Atomic<Int>(0)
  private let waitingCount = Atomic<Int>(0)
  private let waiting = Mutex<[Int]>([])

  /// - Parameter limit: at least 1; `Int.max` for none.
  init(limit: Int) { most = Atomic(limit) }

  var limit: Int { most.load(ordering: .sequentiallyConsistent) }

  /// Sets another limit; whoever is in stays. Where it is higher, those who wait are to be told, with `passOn`.
  func setLimit(_ limit: Int) { most.store(limit, ordering: .sequentiallyConsistent) }

  /// Places taken at this moment.
  var count: Int { taken.load(ordering: .relaxed) }

  /// Whether no place is free at this moment.
  var isFull: Bool { taken.load(ordering: .sequentiallyConsistent) >= limit }

  /// Whether somebody waits for a place.
  var hasWaiting: Bool { waitingCount.load(ordering: .sequentiallyConsistent) > 0 }

  /// Takes a place; false when none is free.
  func enter() -> Bool {
    var seen = taken.load(ordering: .relaxed)
    // Never more than the limit, not even for a moment: somebody else would take that for a full house.
    let limit = limit
    while seen < limit {
      let (exchanged, original) = taken.weakCompareExchange(expected: seen, desired: seen + 1, ordering: .sequentiallyConsistent)
      if exchanged { return true }
      seen = original
    }
    return false
  }

  /// Gives a place back; the answer is who is to be told, if anybody waits for it.
  func leave() -> Int? {
    taken.subtract(1, ordering: .sequentiallyConsistent)
    return hasWaiting ? next() : nil
  }

  /// Who is to be told that there is room, if there is and somebody waits: for one who was told and did not need it.
  func passOn() -> Int? { hasWaiting && !isFull ? next() : nil }

  /// Queues up; false when a place became free meanwhile, and the caller is to try again. Whoever is in the queue once stays there once.
  func wait(_ who: Int) -> Bool {
    waiting.withLock {
      if !$0.contains(who) { $0.append(who) }
      waitingCount.store($0.count, ordering: .sequentiallyConsistent)
    }
    // Whoever left before this saw no queue: what they left is seen here.
    if isFull { return true }
    cancel(who)
    return false
  }

  /// Leaves the queue.
  func cancel(_ who: Int) {
    waiting.withLock {
      $0.removeAll { $0 == who }
      waitingCount.store($0.count, ordering: .sequentiallyConsistent)
    }
  }

  /// Takes the one who has waited longest out of the queue.
  func next() -> Int? {
    waiting.withLock {
      let first = $0.isEmpty ? nil : $0.removeFirst()
      waitingCount.store($0.count, ordering: .sequentiallyConsistent)
      return first
    }
  }
}
