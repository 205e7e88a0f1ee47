import Synchronization

/// A session that somebody else keeps, the app or a checker, as they last said. All loops share it.
package final class OutsideSession: Sendable {
  private let ended = Atomic<Bool>(false)

  package init() {}

  /// What was said of it does not hold any more: it is asked for anew, and what lasts longer than a request ends.
  package var isEnded: Bool { ended.load(ordering: .acquiring) }

  /// Ends it for all loops.
  package func end() { ended.store(true, ordering: .releasing) }
}
