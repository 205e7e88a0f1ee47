import EventLoop

/// Finds out whether a server takes connections, by making one and closing it.
package final class ConnectProbe: UpstreamUser {
  private var answer: ((Bool) -> Void)?
  private let loop: EventLoop

  /// - Parameters:
  ///   - milliseconds: how long it may take.
  ///   - answer: called once, on the loop's thread.
  package init(_ server: UpstreamServer, milliseconds: Int64, loop: EventLoop, answer: @escaping (Bool) -> Void) {
    self.answer = answer
    self.loop = loop
    guard let connection = try? server.connect() else {
      finish(nil, false)
      return
    }
    connection.user = self
    connection.setDeadline(at: loop.now + milliseconds)
  }

  package func upstreamReady(_ connection: UpstreamConnection) {
    if !connection.isConnected { connection.server.failedToConnect() }
    finish(connection, connection.isConnected)
  }

  package func upstreamTimedOut(_ connection: UpstreamConnection) {
    connection.server.failedToConnect()
    finish(connection, false)
  }

  private func finish(_ connection: UpstreamConnection?, _ isUp: Bool) {
    connection?.user = nil
    connection?.close()
    let answer = answer
    self.answer = nil
    answer?(isUp)
  }
}
