import EventLoop
import HTTP
import Upstream

extension Exchange {
  /// Whether a 101 answers what was asked: exactly one protocol, `websocket`.
  func answersWebSocket(_ upstream: UpstreamConnection) -> Bool {
    guard response.fieldCount(.upgrade) == 1, let field = response.firstField(.upgrade) else { return false }
    let input = upstream.input
    let start = input.start
    let value = input.bytes[start + field.value.start..<start + field.value.end]
    return value.count == 9 && zip(value, "websocket".utf8).allSatisfy { $0 | 0x20 == $1 }
  }

  /// The app has agreed to an upgrade: from here on bytes go both ways as they come.
  func startTunnel(_ upstream: UpstreamConnection, _ connection: ClientConnection) {
    writeSwitchingHead(upstream, connection)
    upstream.consumeInput(response.byteCount)
    upstreamMicroseconds = System.monotonicMicroseconds() - upstreamStartedMicroseconds
    status = 101
    stage = .tunnel
    closesAfter = true
    requestRelay = BodyRelay(.untilClose, isChunkedOut: false)
    responseRelay = BodyRelay(.untilClose, isChunkedOut: false)
    becomeLasting(.webSocket)
    connection.becameTunnel()
    tunnelMore()
  }

  /// Moves bytes both ways; an end on one side is passed on to the other.
  func tunnelMore() {
    guard stage == .tunnel, let upstream, let connection else { return }
    let before = upstream.bytesIn + connection.bytesIn
    let upwards = relayTunnel(\.requestRelay, from: connection, to: upstream)
    let downwards = relayTunnel(\.responseRelay, from: upstream, to: connection)
    let loop = worker.loop
    if upwards == .yielded || downwards == .yielded { loop.requeue(connection) }
    let isBroken = [upwards, downwards].contains { $0 == .sinkFailed || $0 == .truncated }
    if isBroken || (upwards == .finished && downwards == .finished && connection.backlog == 0 && upstream.backlog == 0) {
      dropUpstream()
      over()
      connection.end()
      return
    }
    if before != upstream.bytesIn + connection.bytesIn || connection.deadline == .max {
      connection.setDeadline(at: loop.now + lastingTimeout)
      upstream.clearDeadline()
    }
  }

  private func relayTunnel(_ path: ReferenceWritableKeyPath<Exchange, BodyRelay?>, from source: Channel, to sink: Channel)
    -> BodyRelay.Outcome
  {
    guard var relay = self[keyPath: path] else { return .sinkFailed }
    let outcome = relay.relay(from: source, to: sink)
    self[keyPath: path] = relay
    // Once all is sent; telling a peer twice does nothing.
    if outcome == .finished, sink.backlog == 0 { sink.endOutput() }
    return outcome
  }
}
