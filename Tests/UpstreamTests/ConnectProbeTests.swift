import EventLoop
import Glibc
import Testing

@testable import Upstream

@Suite struct ConnectProbeTests {
  private func probe(_ bench: Bench, milliseconds: Int64 = 10_000) throws -> Bool {
    try bench.onLoop { state in
      state.probe = ConnectProbe(state.server, milliseconds: milliseconds, loop: state.loop) { [unowned state] in state.answers.append($0) }
    }
    try bench.until("answered") { !$0.answers.isEmpty }
    return try bench.onLoop { $0.answers == [true] }
  }

  @Test("a server that takes connections is up, and the connection is closed at once")
  func up() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 8)
    defer { System.close(listener) }
    let bench = try Bench(resolved: [try #require(System.localAddress(listener))])
    #expect(try probe(bench))
    guard case .success(let (accepted, _)) = System.accept(listener) else {
      Issue.record("nobody connected")
      return
    }
    defer { System.close(accepted) }
    _ = fcntl(accepted, F_SETFL, 0)
    var bytes = [UInt8](repeating: 0, count: 1)
    #expect(System.receive(accepted, into: &bytes, from: 0) == .end)
    #expect(try bench.onLoop { $0.server.takeIdle() == nil })
  }

  @Test("a server that refuses is down, and counts as such")
  func refused() throws {
    let (closed, holder) = try closedPort()
    defer { System.close(holder) }
    let bench = try Bench(resolved: [closed])
    #expect(try !probe(bench))
    #expect(try bench.onLoop { !$0.server.health.isUp($0.loop.now) })
  }

  @Test("a server that takes too long is down; what becomes of its connection later is told to nobody")
  func slow() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    // A listener whose queue is full answers nothing.
    let listener = try System.listen(on: any, backlog: 0)
    defer { System.close(listener) }
    let address = try #require(System.localAddress(listener))
    let fillers = (0..<4).compactMap { _ in try? System.connect(to: address) }
    defer { for filler in fillers { System.close(filler) } }
    let bench = try Bench(resolved: [address])
    #expect(try !probe(bench, milliseconds: 20))
    #expect(try bench.onLoop { $0.answers.count == 1 && !$0.server.health.isUp($0.loop.now) })
  }

  @Test("a server whose name leads nowhere is down at once")
  func unresolved() throws { #expect(try !probe(try Bench())) }
}
