import Config
import EventLoop
import Glibc

/// One address of an app, as one loop sees it: its connections, the idle ones among them, and whether it answers.
package final class UpstreamServer: Pollable {
  package let address: UpstreamAddress
  /// `host:port`, for logs.
  package let name: String
  package internal(set) var health = PassiveHealth()
  /// Where the name leads; empty while it could not be resolved.
  package private(set) var resolved: [SocketAddress]

  private let loop: EventLoop
  private let maximumIdle: Int
  private let idleMilliseconds: Int64
  private let pool: BlockingPool
  private var idle: [UpstreamConnection] = []
  private var nextAddress = 0
  private var resolvedAt = Int64.min
  private var isResolving = false
  // Names are looked up again at most this often, and only when a connection could not be made.
  private static let resolvePause: Int64 = 5000

  /// Registered on `loop` by its owner, so that an answer from another thread can find it.
  /// - Parameters:
  ///   - pool: looks names up.
  ///   - maximumIdle: connections kept for later requests.
  ///   - idleMilliseconds: how long one is kept.
  package init(
    address: UpstreamAddress, resolved: [SocketAddress], pool: BlockingPool, loop: EventLoop, maximumIdle: Int, idleMilliseconds: Int64
  ) {
    self.address = address
    self.resolved = resolved
    self.pool = pool
    self.loop = loop
    self.maximumIdle = maximumIdle
    self.idleMilliseconds = idleMilliseconds
    name = address.host.contains(":") ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
    super.init()
  }

  /// The connection that was given back last, so that a few are used often and the rest can end.
  package func takeIdle() -> UpstreamConnection? {
    while let connection = idle.popLast() {
      if connection.isClosed { continue }
      // What has come since its last answer has no event yet, and would be taken for the answer to another request.
      connection.canRead = true
      guard case .wouldBlock = connection.fill() else {
        connection.close()
        continue
      }
      connection.isReused = true
      loop.setDeadline(connection, at: .max)
      return connection
    }
    return nil
  }

  /// A new connection, under way.
  /// - Throws: `SystemError` when it cannot even be tried; the server then counts as failed.
  package func connect() throws(SystemError) -> UpstreamConnection {
    guard !resolved.isEmpty else {
      resolveAgain()
      health.failed(loop.now)
      throw SystemError("getaddrinfo", EHOSTUNREACH)
    }
    let target = resolved[nextAddress % resolved.count]
    do throws(SystemError) {
      let descriptor = try System.connect(to: target)
      let connection = UpstreamConnection(descriptor: descriptor, server: self, loop: loop)
      try loop.add(connection, descriptor: descriptor)
      return connection
    } catch {
      failedToConnect()
      throw error
    }
  }

  /// An attempt failed: the next one goes to the name's next address.
  package func failedToConnect() {
    health.failed(loop.now)
    nextAddress = (nextAddress + 1) % max(1, resolved.count)
    resolveAgain()
  }

  /// Keeps a connection, whose answer has been read to its end, for a later request.
  package func giveBack(_ connection: UpstreamConnection) {
    connection.user = nil
    // Bytes beyond the answer, or an end already seen, mean that it cannot be trusted with another request.
    guard idle.count < maximumIdle, connection.input.isEmpty, !connection.sawEnd, connection.failure == 0, connection.backlog == 0 else {
      connection.close()
      return
    }
    // The end of the connection may have been announced together with the answer, and has no event of its own.
    if connection.canRead {
      guard case .wouldBlock = connection.fill() else { return connection.close() }
    }
    connection.releaseInputIfEmpty()
    connection.releaseOutputIfEmpty()
    loop.setDeadline(connection, at: loop.now + idleMilliseconds)
    idle.append(connection)
  }

  /// Ends all idle connections.
  package func closeIdle() {
    for connection in idle { connection.close() }
    idle.removeAll()
  }

  func dropIdle(_ connection: UpstreamConnection) {
    connection.close()
    idle.removeAll { $0 === connection }
  }

  private func resolveAgain() {
    guard !isResolving, resolvedAt == .min || loop.now >= resolvedAt + Self.resolvePause else { return }
    isResolving = true
    resolvedAt = loop.now
    let address = address
    let handle = loop.handle
    guard let token else { return }
    let accepted = pool.offer {
      let found = SocketAddress.resolve(host: address.host, port: address.port)
      handle.post { loop in (loop.pollable(token) as? UpstreamServer)?.noteResolved(found) }
    }
    if !accepted { isResolving = false }
  }

  private func noteResolved(_ found: [SocketAddress]) {
    isResolving = false
    if !found.isEmpty { resolved = found }
  }
}
