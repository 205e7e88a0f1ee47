import EventLoop
import Glibc
import Testing

@testable import Upstream

@Suite struct UpstreamConnectionTests {
  @Test("a connection in use tells its user of what comes and of its deadline")
  func user() throws {
    let bench = try Bench()
    try bench.connect()
    let before = try bench.onLoop { $0.recorder.readyCount }
    #expect(System.send(bench.far[0], [1], 0..<1) == .moved(1))
    try bench.until("told") { $0.recorder.readyCount > before }
    try bench.onLoop { $0.loop.setDeadline($0.connections[0], at: $0.loop.now) }
    try bench.until("told of the time") { $0.recorder.timeouts == 1 }
    #expect(try bench.onLoop { !$0.connections[0].isClosed }, "what then happens is the user's decision")
  }

  @Test("one that was abandoned while it was still connecting closes itself when it is refused")
  func abandoned() throws {
    let (closed, holder) = try closedPort()
    defer { System.close(holder) }
    let bench = try Bench(resolved: [closed])
    try bench.onLoop { state in
      guard let connection = try? state.server.connect() else { return }
      state.connections.append(connection)
    }
    try bench.until("closed") { $0.connections.first?.isClosed == true }
    #expect(try bench.onLoop { $0.server.health.isUp($0.loop.now) }, "nobody asked any more")
  }

  @Test("it cannot be written before it is connected")
  func early() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 8)
    defer { System.close(listener) }
    let bench = try Bench(resolved: [try #require(System.localAddress(listener))])
    let sent = try bench.onLoop { state in
      guard let connection = try? state.server.connect() else { return -1 }
      connection.user = state.recorder
      state.connections.append(connection)
      return connection.send([1], 0..<1)
    }
    #expect(sent == 0)
    try bench.until("connected") { $0.connections[0].isConnected }
    #expect(try bench.onLoop { $0.connections[0].send([1], 0..<1) } == 1)
  }
}
