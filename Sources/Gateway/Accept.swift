import EventLoop
import Glibc

/// Accepts connections on one listening socket of one loop, a bounded number at a time.
final class Acceptor: Pollable {
  private let descriptor: Int32
  private let listener: ListenerInfo
  private unowned let worker: Worker
  private var isClosed = false

  // More waiting connections get their turn after everybody else's events.
  private static let burst = 64
  private static let pauseMilliseconds: Int64 = 100

  init(descriptor: Int32, listener: ListenerInfo, worker: Worker) {
    self.descriptor = descriptor
    self.listener = listener
    self.worker = worker
    super.init()
  }

  override func ready(_ readiness: Readiness) {
    for _ in 0..<Self.burst {
      guard !isClosed else { return }
      switch System.accept(descriptor) {
      case .success(let (accepted, peer)): take(accepted, peer)
      case .failure(let error):
        switch error.code {
        case EAGAIN: return
        case ECONNABORTED, EINTR: continue
        default:
          // Out of descriptors or memory: the kernel's queue holds the rest until some are free again.
          worker.services.connectionWarning.warn(["reason": "\(error)"])
          worker.loop.setDeadline(self, at: worker.loop.now + Self.pauseMilliseconds)
          return
        }
      }
    }
    worker.loop.requeue(self)
  }

  override func deadlineReached() { ready(.readable) }

  private func take(_ accepted: Int32, _ peer: SocketAddress) {
    let before = worker.services.connections.add(1, ordering: .relaxed).oldValue
    let connection = ClientConnection(descriptor: accepted, peer: peer, listener: listener, worker: worker)
    guard before < worker.configuration.limits.connections, (try? worker.loop.add(connection, descriptor: accepted)) != nil else {
      worker.services.connections.subtract(1, ordering: .relaxed)
      worker.services.connectionWarning.warn(["limit": "\(worker.configuration.limits.connections)"])
      connection.close()
      return
    }
    worker.connectionBegan(connection)
    // A client that never sends anything does not stay.
    worker.loop.setDeadline(connection, at: worker.loop.now + worker.limits.headerTimeout)
  }

  /// Stops listening; connections that were not accepted yet are refused by the kernel.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    worker.loop.remove(self)
    System.close(descriptor)
  }
}
