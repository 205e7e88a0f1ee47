import Audit
import Config
import EventLoop
import Upstream

/// A worker when another configuration comes into force.
extension Worker {
  /// Has another generation answer the requests that begin from now on. Connections stay; requests under way end under their own rules.
  /// - Parameter sockets: for the listeners, in the order of the configuration, that are new; `nil` for those that go on.
  func takeOver(_ generation: Generation, sockets: [SocketShare?]) {
    let before = rules
    rules = Rules(generation, services: services, loop: loop, crypto: crypto, index: index, workers: workers, before: before)
    limits = rules.limits
    spareExchanges = []
    let kept = Set(rules.servers.map { ObjectIdentifier($0) })
    for server in before.servers where !kept.contains(ObjectIdentifier(server)) { server.retire() }
    if watches { watchUpstreams() }
    accessLog?.flush()
    accessLog = generation.accessLog.map { AccessLogBuffer(sink: $0.sink, format: $0.format) }
    handshakes.setLimit(UpstreamPlan.share(of: generation.configuration.limits.handshakes, worker: index, workers: workers))
    loop.buffers.setInputCount(generation.inputBytes)
    countsKnown = services.admission.countsDescriptors
    for connection in connections.values { connection.takeLimits(headerBytes: limits.headerBytes, headerCount: limits.headerCount) }
    changeListeners(generation.listeners, sockets)
    countKnown()
  }

  private func changeListeners(_ listeners: [ListenerInfo], _ sockets: [SocketShare?]) {
    for acceptor in acceptors where !listeners.contains(where: { $0.entrance === acceptor.entrance }) { acceptor.finish() }
    acceptors.removeAll { $0.isClosed }
    for (listener, share) in zip(listeners, sockets) {
      if let share {
        listen(listener, on: share)
      } else {
        acceptors.first { $0.entrance === listener.entrance }?.setListener(listener)
      }
    }
  }

  /// Counts anew who is idle after a request, in case nobody has counted so far.
  private func countKnown() {
    guard countsKnown else { return }
    var counts: [ObjectIdentifier: Int] = [:]
    for connection in connections.values {
      let entrance = connection.listener.entrance
      if connection.idleQueue == 2 * entrance.slot { counts[ObjectIdentifier(entrance), default: 0] += 1 }
    }
    for entrance in services.admission.present {
      entrance.clocks[index].known.store(counts[ObjectIdentifier(entrance)] ?? 0, ordering: .relaxed)
    }
  }
}
