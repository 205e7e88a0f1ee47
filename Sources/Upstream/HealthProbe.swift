import EventLoop
import HTTP

/// Asks a server how it is: one GET over a connection of its own.
package final class HealthProbe: UpstreamUser {
  package enum Outcome: Sendable, Equatable {
    case passed
    /// With the reason, for the log.
    case failed(String)
  }

  private let loop: EventLoop
  private let request: [UInt8]
  private var answer: ((Outcome) -> Void)?
  private var isSent = false
  private var parser = ResponseParser(maxHeadBytes: 32 << 10, maxFields: 200)
  private var head = ResponseHead()

  /// - Parameters:
  ///   - request: as `request(path:host:)` makes it.
  ///   - milliseconds: for connection, request and answer together.
  ///   - answer: called once, on the loop's thread.
  package init(_ server: UpstreamServer, request: [UInt8], milliseconds: Int64, loop: EventLoop, answer: @escaping (Outcome) -> Void) {
    self.loop = loop
    self.request = request
    self.answer = answer
    do throws(SystemError) {
      let connection = try server.connect()
      connection.user = self
      connection.setDeadline(at: loop.now + milliseconds)
    } catch {
      finish(nil, .failed("\(error)"))
    }
  }

  /// The request. It carries nothing that a user's request would.
  package static func request(path: String, host: String) -> [UInt8] {
    [UInt8]("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: anteroom-health\r\nAccept: */*\r\nConnection: close\r\n\r\n".utf8)
  }

  package func upstreamReady(_ connection: UpstreamConnection) {
    guard connection.isConnected else {
      connection.server.failedToConnect()
      return finish(connection, .failed("no connection: \(connection.attemptReason ?? "")"))
    }
    if !isSent {
      isSent = true
      connection.appendOutput(request)
    }
    _ = connection.flush()
    receive(connection)
  }

  package func upstreamTimedOut(_ connection: UpstreamConnection) {
    guard connection.isConnected else {
      connection.server.failedToConnect()
      return finish(connection, .failed("no connection in time"))
    }
    finish(connection, .failed("no answer in time"))
  }

  private func receive(_ connection: UpstreamConnection) {
    while true {
      switch connection.inputIsEmpty ? .incomplete : parse(connection) {
      case .complete:
        let status = head.status
        // Interim answers come before the one that counts.
        if (100..<200).contains(status), status != 101 {
          connection.consumeInput(head.byteCount)
          continue
        }
        return finish(connection, (200..<400).contains(status) ? .passed : .failed("status \(status)"))
      case .failed(let fault):
        return finish(connection, .failed(fault.reason))
      case .incomplete:
        switch connection.fill() {
        case .received: continue
        case .wouldBlock: return
        case .full: return finish(connection, .failed("the answer's head is too large"))
        case .ended: return finish(connection, .failed("closed without an answer"))
        }
      }
    }
  }

  private func parse(_ connection: UpstreamConnection) -> ParseOutcome<ResponseFault> {
    let bytes = connection.input.bytes
    return parser.parse(bytes.span.extracting(connection.input.range), into: &head, requestMethod: .get)
  }

  private func finish(_ connection: UpstreamConnection?, _ outcome: Outcome) {
    connection?.user = nil
    connection?.close()
    let answer = answer
    self.answer = nil
    answer?(outcome)
  }
}
