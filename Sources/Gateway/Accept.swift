import Config
import EventLoop
import Glibc

/// Accepts connections on one loop's sockets of one listener, a bounded number at a time. When there are as many as there may be, room is made
/// by closing what has been idle longest; where nothing is idle, the rest waits in the kernel's queue until a connection ends.
final class Acceptor: Pollable {
  private var sockets: [ListeningSocket]
  private let isShared: Bool
  // Which of the sockets is asked next.
  private var turn = 0
  private(set) var listener: ListenerInfo
  private unowned let worker: Worker
  // As who it waits for a place.
  private let number: Int
  private(set) var isClosed = false
  private var isPaused = true
  // The full gate in whose queue this one stands.
  private var gate: Gate?
  // Another loop was asked for room: one at a time, or each would close one for the same newcomer.
  private var isAsking = false

  // More waiting connections get their turn after everybody else's events.
  private static let burst = 64
  private static let pauseMilliseconds: Int64 = 100
  private static let probeMilliseconds: Int64 = 500

  private var admission: Admission { worker.services.admission }

  init(_ share: SocketShare, listener: ListenerInfo, worker: Worker) {
    sockets = share.sockets
    isShared = share.isShared
    self.listener = listener
    self.worker = worker
    number = worker.services.admission.number(loop: worker.index, listener.entrance)
    super.init()
    listener.entrance.acceptors.add(1, ordering: .sequentiallyConsistent)
  }

  var entrance: Entrance { listener.entrance }

  /// What new connections are told of the listener from now on; its entrance is the same.
  func setListener(_ listener: ListenerInfo) { self.listener = listener }

  /// Begins to accept, or goes on; it is registered with the loop.
  func start() throws(SystemError) {
    isPaused = false
    for socket in sockets { try worker.loop.watch(socket.descriptor, for: self, isShared: isShared) }
  }

  /// Accepts nothing until `start`; what waits in the kernel's queue stays there.
  func halt() {
    guard !isPaused, !isClosed else { return }
    isPaused = true
    for socket in sockets { worker.loop.unwatch(socket.descriptor) }
    clearDeadline()
    if let gate { gate.cancel(number) }
    gate = nil
  }

  override func ready(_ readiness: Readiness) {
    guard !isPaused else { return }
    if let gate { gate.cancel(number) }
    gate = nil
    var empty = 0
    for _ in 0..<Self.burst {
      guard !isClosed else { return }
      // Where places are scarce none is taken, and nobody closed, for a connection that is not there.
      let isShort = worker.services.isShortOfDescriptors
      let fits = admission.fitsDescriptors
      if isShort || !fits || admission.isTight(entrance), !turnToWaiting() { return nobodyWaits() }
      if !fits || isShort && !worker.services.hasDescriptors {
        guard descriptorsRunOut("few are left") else { return }
        continue
      }
      if let full = admission.enter(entrance) {
        guard makeRoom(full) else { return }
        continue
      }
      switch System.accept(sockets[turn].descriptor) {
      case .success(let (accepted, peer)):
        take(accepted, peer)
      case .failure(let error):
        admission.leave(entrance)
        switch error.code {
        case EAGAIN:
          empty += 1
          guard empty < sockets.count else { return nobodyWaits() }
          turn = (turn + 1) % sockets.count
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
          guard descriptorsRunOut(error.description) else { return }
        // About the one connection that is gone with it, as accept(2) says.
        case ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT, EOPNOTSUPP, ENONET: continue
        default:
          worker.services.connectionWarning.warn(["reason": "\(error)"])
          return pause()
        }
      }
    }
    worker.loop.requeue(self)
  }

  override func deadlineReached() { ready(.readable) }

  /// Turns to a socket at which a connection waits; false if there is none.
  private func turnToWaiting() -> Bool {
    guard let place = sockets.firstIndex(where: { System.hasConnectionWaiting($0.descriptor) }) else { return false }
    turn = place
    return true
  }

  private func take(_ accepted: Int32, _ peer: SocketAddress) {
    let services = worker.services
    if let proxies = listener.proxies {
      // Whose connection it is, and so whose it counts for, is known after its header.
      guard let address = IPAddress(bytes: peer.bytes), proxies.contains(where: { $0.contains(address) }) else {
        services.proxyWarning.warn(["listener": listener.name, "from": peer.host, "reason": "not in proxy_protocol of this listener"])
        admission.leave(entrance)
        System.resetOnClose(accepted)
        return System.close(accepted)
      }
    }
    let server = listener.certificates?.server
    let connection = ClientConnection(descriptor: accepted, peer: peer, listener: listener, worker: worker, server: server)
    guard listener.proxies != nil || worker.countAddress(of: connection) else {
      worker.connectionLeaves(connection)
      return connection.close(reset: true)
    }
    guard (try? worker.loop.add(connection, descriptor: accepted)) != nil else {
      worker.connectionLeaves(connection)
      connection.close()
      return
    }
    worker.connectionBegan(connection)
    if server != nil, listener.proxies == nil { worker.handshakeBegan(connection) }
    // A client that never sends anything does not stay.
    connection.setDeadline(at: min(worker.loop.now + worker.limits.headerTimeout, worker.lastHead))
    if accepted >= services.descriptorThreshold { services.descriptorsRunOut("few are left", now: worker.loop.now) }
  }

  // MARK: Too many

  /// Makes room at a full gate, or queues up there: then false.
  private func makeRoom(_ full: Gate) -> Bool {
    let name = full === admission.all ? "connections" : "connections of \(listener.name)"
    worker.services.connectionWarning.warn(["limit": name, "number": "\(full.limit)"])
    if makeRoom(at: full, isFull: true) { return true }
    guard full.wait(number) else { return true }
    gate = full
    // Nobody tells when the moment is over that a new connection is given.
    if let due = admission.oldest(for: full)?.due, due > worker.loop.now { worker.loop.setDeadline(self, at: due) }
    return false
  }

  /// True when a connection was closed here. Where the oldest one is another loop's, that loop closes it, and tells.
  private func makeRoom(at gate: Gate, isFull: Bool) -> Bool {
    switch worker.makeRoom(gate) {
    case .made: return true
    case .none: return false
    case .elsewhere(let loop, let oldest):
      if !isAsking { admission.askForRoom(loop: loop, oldest, gate: isFull ? gate : nil, for: number) }
      isAsking = true
      return false
    }
  }

  func wasAnswered() {
    isAsking = false
    ready(.readable)
  }

  /// False when accepting pauses: nothing is idle that could be closed.
  private func descriptorsRunOut(_ reason: String) -> Bool {
    worker.services.descriptorsRunOut(reason, now: worker.loop.now)
    worker.closeIdleUpstreams()
    if makeRoom(at: admission.all, isFull: false) { return true }
    worker.waitsForDescriptors = true
    pause()
    return false
  }

  private func pause() { worker.loop.setDeadline(self, at: worker.loop.now + Self.pauseMilliseconds) }

  private func nobodyWaits() {
    admission.passOn(entrance)
    guard worker.services.isShortOfDescriptors else { return }
    worker.services.lookForDescriptors(now: worker.loop.now)
    if worker.services.isShortOfDescriptors { worker.loop.setDeadline(self, at: worker.loop.now + Self.probeMilliseconds) }
  }

  /// Stops listening. First it takes the connections that wait in the kernel's queue, as far as there are places: the kernel resets what is
  /// still in the queue then, and refuses what comes later.
  /// - Parameter leavesPassed: what waits at a socket that a service manager holds too is left for whoever gets that next.
  func finish(leavesPassed: Bool = false) {
    guard !isClosed else { return }
    for socket in sockets {
      if !leavesPassed || !socket.isPassed { takeQueue(socket.descriptor) }
      worker.loop.unwatch(socket.descriptor)
    }
    close()
  }

  /// Another process accepts now. What waits at a socket that it has no listener for is taken here.
  func leave(unused: [Int32]) {
    guard !isClosed else { return }
    for socket in sockets where unused.contains(socket.descriptor) && !socket.isPassed { takeQueue(socket.descriptor) }
    for socket in sockets { worker.loop.unwatch(socket.descriptor) }
    close()
  }

  private func close() {
    isClosed = true
    if let gate { gate.cancel(number) }
    gate = nil
    worker.loop.remove(self)
    sockets = []
    entrance.acceptors.subtract(1, ordering: .sequentiallyConsistent)
  }

  private func takeQueue(_ descriptor: Int32) {
    for _ in 0..<ListenerInfo.backlog {
      guard admission.fitsDescriptors, admission.enter(entrance) == nil else { break }
      guard case .success(let (accepted, peer)) = System.accept(descriptor) else {
        admission.leave(entrance)
        // About one that is gone.
        if System.hasConnectionWaiting(descriptor) { continue }
        break
      }
      take(accepted, peer)
    }
  }
}
