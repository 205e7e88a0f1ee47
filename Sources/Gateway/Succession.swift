import Audit
import EventLoop
import Session

/// How a process takes over from an earlier one, once it has made all that it needs and accepts nothing yet.
extension Gateway {
  private static let patience: Int64 = 10_000

  /// The admin socket: that of the earlier process, where the path is the same.
  static func adminServer(_ path: String?, _ gift: HandoverGift?) throws(StartFault) -> AdminServer? {
    guard let path else {
      if let gift, gift.admin >= 0 { System.close(gift.admin) }
      return nil
    }
    if let gift, gift.admin >= 0, gift.adminPath == path { return try AdminServer(adopting: gift.admin, path: path) }
    let server = try AdminServer(path: path)
    if let gift, gift.admin >= 0 { System.close(gift.admin) }
    return server
  }

  /// The descriptors of what was given that nothing here uses.
  static func unused(_ gift: HandoverGift, _ sockets: ListeningSockets, _ admin: AdminServer?) -> [Int32] {
    let used = Set(sockets.opened.flatMap { $0?.sockets.map(\.descriptor) ?? [] })
    let listening = gift.groups.flatMap(\.descriptors).filter { !used.contains($0) }
    return admin?.descriptor == gift.admin ? listening : listening + [gift.admin].filter { $0 >= 0 }
  }

  /// Waits for the earlier process to stop accepting, takes over what it has written, and accepts.
  func takeOver(from predecessor: Predecessor, unused: [Int32]) throws(StartFault) {
    let now = System.wallMilliseconds() / 1000
    let store = services.store
    try predecessor.takeTurn(unused: unused) { store.take($0, now: now) }
    do throws(StoreError) { try store.takeOver(now: now) } catch { throw StartFault("\(error)") }
    services.lockKeeper.restore()
    services.restoreSessions(generation.ring, now: now)
    predecessor.follow(store)
    guard onLoops({ $0.resumeAccepting() }) else { throw StartFault("the workers do not begin to accept") }
    do throws(SystemError) {
      try predecessor.begin(store) { [self] in
        let whenGone = predecessors.withLock { predecessors in
          predecessors.processes.removeAll { $0 == predecessor.process }
          return predecessors.processes.isEmpty ? predecessors.whenGone : nil
        }
        whenGone?()
        events.info("the earlier process has ended", ["process": "\(predecessor.process)"])
      }
    } catch {
      throw StartFault("\(error)")
    }
    admin?.takePlace()
    events.info("took over", ["from": "\(predecessor.process)"])
  }
}
