import EventLoop
import Glibc
import Session

/// What came of a hand-over.
package enum HandoverOutcome: Sendable, Equatable {
  /// Another process accepts by now.
  case done(process: Int32)
  /// The configuration is wrong, and nothing has changed.
  case refused(String)
  /// Nothing has changed.
  case failed(String)
}

/// Another process, of a program that may be newer, takes the listeners; this one ends what it has. Whatever goes wrong before the other one
/// accepts leaves this one in force.
extension Gateway {
  // Names of apps are looked up, keys and accounts read.
  private static let patienceToStart: Int64 = 60_000
  private static let patienceToAccept: Int64 = 20_000
  private static let patienceOfLoops: Int64 = 10_000
  // A little more than each fetch may take.
  private static let patienceOfProviders: Int64 = 12_000
  private static let patienceOfDisk: Int64 = 2_000

  /// Starts the program anew and hands over to it. One at a time, and no reload meanwhile; blocks.
  package func handOver() -> HandoverOutcome {
    reloading.withLock { _ in
      let outcome: HandoverOutcome
      do throws(Successor.Fault) { outcome = .done(process: try handOverNow()) } catch {
        switch error {
        case .refused(let reason): outcome = .refused(reason)
        case .failed(let reason): outcome = .failed(reason)
        }
      }
      switch outcome {
      case .done(let process): events.info("handed over: this process ends what it has", ["to": "\(process)"])
      case .refused(let reason), .failed(let reason):
        events.error("not handed over: this process goes on", ["reason": reason])
      }
      return outcome
    }
  }

  private func handOverNow() throws(Successor.Fault) -> Int32 {
    let (sockets, isStopping, process) = current.withLock { ($0.sockets, $0.isStopping, $0.successor) }
    if isStopping { throw .failed("the gateway is about to end") }
    if let process { throw .failed(Self.hasSuccessor(process)) }
    guard let program, let lock = services.store.lockDescriptor else { throw .failed("this gateway keeps nothing that it could hand over") }
    guard getpid() != 1 else {
      throw .failed("this gateway is process 1, as in a container, which ends with it (start a container of the new image instead)")
    }
    let successor = try Successor(program: program, gift: gift(sockets, lock))
    events.info("another process is started to take over", ["process": "\(successor.child.id)"])
    var isTurn = false
    do throws(Successor.Fault) {
      guard case .ready(let unused) = try next(successor, Self.patienceToStart) else { throw .failed("the new process skips a step") }
      isTurn = true
      try stopForNow(successor)
      try waitUntilAccepting(successor)
      try giveUpPlace(to: successor, unused)
      leave(to: successor, unused: unused)
      return successor.child.id
    } catch {
      // Once: its id may be another process's afterwards.
      successor.kill()
      // Not before the other one is gone, which may have begun.
      if isTurn { goOn() }
      throw error
    }
  }

  static func hasSuccessor(_ process: Int32) -> String {
    "this process has handed over to process \(process) (ask again: that one answers)"
  }

  private func next(_ successor: Successor, _ milliseconds: Int64) throws(Successor.Fault) -> HandoverMessage {
    try successor.next(milliseconds: milliseconds) { current.withLock { $0.isStopping } }
  }

  private func gift(_ sockets: [SocketGroup], _ lock: Int32) -> HandoverGift {
    let unnamed = passed.filter { group in !sockets.contains { $0.sockets.first === group.sockets.first } }
    return HandoverGift(
      process: getpid(), state: started.state, keys: generation.configuration.keys, lock: lock, admin: admin?.descriptor ?? -1,
      adminPath: admin == nil ? "" : started.admin ?? "",
      groups: (sockets + unnamed).map { group in
        HandoverGift.Group(
          host: group.configured.host, port: group.configured.port, isPassed: group.isPassed, descriptors: group.sockets.map(\.descriptor))
      })
  }

  // MARK: The turn

  /// Accepts nothing more for now, and writes nothing into the state folder. Whoever connects waits in the kernel's queue.
  private func stopForNow(_ successor: Successor) throws(Successor.Fault) {
    services.renewals.pause()
    waitForRenewals(Self.patienceOfProviders)
    guard onLoops({ $0.pauseAccepting() }) else { throw .failed("a worker is busy and does not answer (try again)") }
    services.lockKeeper.handOver()
    // Who signed in meanwhile is to be found on the disk.
    waitForRenewals(Self.patienceOfDisk)
    let pending: [PendingReturn]
    do throws(StoreError) {
      pending = try services.store.handOver(
        now: System.wallMilliseconds() / 1000, keep: { successor.keep($0) }, heir: { successor.keep($0) })
    } catch {
      throw .failed("\(error)")
    }
    for one in pending { try successor.tell(.pendingReturn(one), milliseconds: Self.patienceToAccept) }
    try successor.tell(.stopped)
  }

  private func waitForRenewals(_ milliseconds: Int64) {
    guard !services.renewals.isIdle else { return }
    events.info("sessions are being renewed: what their provider answers is waited for")
    let deadline = System.monotonicMilliseconds() + milliseconds
    while !services.renewals.isIdle, System.monotonicMilliseconds() < deadline, !current.withLock({ $0.isStopping }) { usleep(5000) }
  }

  /// It may end a session before it comes to say that it accepts.
  private func waitUntilAccepting(_ successor: Successor) throws(Successor.Fault) {
    while true {
      switch try next(successor, Self.patienceToAccept) {
      case .accepting: return
      case .revoked(_, let revocations): services.store.learn(revocations, now: System.wallMilliseconds() / 1000)
      default: throw .failed("the new process skips a step")
      }
    }
  }

  /// From here on the other process is in charge, unless this one was told to end meanwhile: then both do.
  private func giveUpPlace(to successor: Successor, _ unused: [Int32]) throws(Successor.Fault) {
    let isStopping = current.withLock { current in
      guard !current.isStopping else { return true }
      current.successor = successor.child.id
      current.sockets = []
      if let admin, !unused.contains(admin.descriptor) { admin.leavePlace() }
      return false
    }
    if isStopping { throw .failed("the gateway is about to end") }
  }

  /// Takes everything back.
  private func goOn() {
    if !current.withLock({ $0.isStopping }) { services.renewals.resume() }
    services.lockKeeper.takeBack()
    do throws(StoreError) { try services.store.takeBack() } catch { events.error("logouts cannot be written", ["reason": "\(error)"]) }
    if !current.withLock({ $0.isStopping }) { _ = onLoops { $0.resumeAccepting() } }
  }

  /// Has every loop do something, and waits for it; false if one has not done so in time, and will when it comes to it.
  func onLoops(_ call: @escaping @Sendable (Worker) -> Void) -> Bool {
    guard let answers = try? Answers<Bool>(count: threads.count) else { return false }
    for (index, thread) in threads.enumerated() {
      thread.handle.post { loop in
        (loop.context as? Worker).map(call)
        answers.put(true, from: index)
      }
    }
    return answers.wait(milliseconds: Self.patienceOfLoops).allSatisfy { $0 != nil }
  }

  // MARK: The end

  private func leave(to successor: Successor, unused: [Int32]) {
    notify("MAINPID=\(successor.child.id)")
    admin?.end()
    let timeout = generation.configuration.handoverTimeout
    // One for each worker, and one for the earlier processes: they end with this one, and may have to go on for longer than it has to.
    let answers = try? Answers<Bool>(count: threads.count + 1)
    let areGone: @Sendable () -> Void = { [last = threads.count] in answers?.put(true, from: last) }
    let wereGone = predecessors.withLock { predecessors in
      predecessors.whenGone = areGone
      return predecessors.processes.isEmpty
    }
    if wereGone { areGone() }
    for (index, thread) in threads.enumerated() {
      thread.handle.post { loop in
        (loop.context as? Worker)?.handOver(unused: unused) { answers?.put(true, from: index) }
      }
    }
    let store = services.store
    do throws(SystemError) {
      // Without the other one a restart is due, and the folders are to be free for it.
      try successor.listen(learn: { store.learn($0, now: System.wallMilliseconds() / 1000) }, end: { self.endNow() })
      _ = try Thread(name: "handed over") {
        _ = answers?.wait(milliseconds: timeout.milliseconds)
        self.endNow()
      }
    } catch {
      events.error("this process cannot wait for its connections to end", ["reason": "\(error)"])
      Signals.terminate()
    }
  }

  /// Has this process end, if nobody has yet: a second signal would cut off what is under way.
  private func endNow() {
    if !current.withLock({ $0.isStopping }) { Signals.terminate() }
  }
}
