import EventLoop
import Glibc

/// Accepts connections to one stand-in and has its site answer them.
final class StandInServer: Pollable {
  unowned let loop: EventLoop
  let respond: (StandInRequest) -> StandInAnswer
  private let descriptor: Int32
  private var connections = 0

  private static let connectionLimit = 256
  private static let pauseMilliseconds: Int64 = 100

  /// - Parameter descriptor: a listening socket that now belongs to the server.
  init(descriptor: Int32, loop: EventLoop, respond: @escaping (StandInRequest) -> StandInAnswer) {
    self.descriptor = descriptor
    self.loop = loop
    self.respond = respond
    super.init()
  }

  deinit { System.close(descriptor) }

  override func ready(_ readiness: Readiness) {
    for _ in 0..<64 {
      switch System.accept(descriptor) {
      case .success(let (accepted, _)): take(accepted)
      case .failure(let error):
        switch error.code {
        case EAGAIN: return
        case ECONNABORTED, EINTR: continue
        default:
          // Out of descriptors: the kernel's queue holds the rest until some are free again.
          loop.setDeadline(self, at: loop.now + Self.pauseMilliseconds)
          return
        }
      }
    }
    loop.requeue(self)
  }

  override func deadlineReached() { ready([]) }

  private func take(_ accepted: Int32) {
    let connection = StandInConnection(descriptor: accepted, server: self)
    guard connections < Self.connectionLimit, (try? loop.add(connection, descriptor: accepted)) != nil else {
      connection.close()
      return
    }
    connections += 1
    connection.ready([])
  }

  func connectionEnded() { connections -= 1 }
}

/// The stand-ins' thread: one event loop for any number of small sites, all on loopback.
package final class StandInThread: Sendable {
  private let thread: LoopThread

  /// - Throws: `SystemError` when descriptors or threads run out.
  package init() throws(SystemError) { thread = try LoopThread(name: "stand-ins") { _ in } }

  /// Serves a site on 127.0.0.1, on a port that the kernel chooses; connections are taken from now on.
  /// - Parameter site: called once, on the stand-ins' thread, which alone uses what it gives: a site may have state of its own.
  /// - Returns: the address.
  /// - Throws: `SystemError` when no port or descriptor is left.
  package func serve(_ site: @escaping @Sendable () -> (StandInRequest) -> StandInAnswer) throws(SystemError) -> SocketAddress {
    guard let any = SocketAddress("127.0.0.1", port: 0) else { throw SystemError("inet_pton", EINVAL) }
    let descriptor = try System.listen(on: any, backlog: 128)
    guard let address = System.localAddress(descriptor) else {
      System.close(descriptor)
      throw SystemError("getsockname", EINVAL)
    }
    thread.handle.post { loop in
      let server = StandInServer(descriptor: descriptor, loop: loop, respond: site())
      try? loop.add(server, descriptor: descriptor)
    }
    return address
  }

  /// Cuts all connections off and waits until the thread has ended. To be called once.
  package func stop() {
    thread.stop()
    thread.join()
  }
}
