import Dispatch
import EventLoop
import Glibc
import Testing

@testable import Upstream

@Suite struct UpstreamServerTests {
  @Test("the connection given back last is taken first, and is known to have been used")
  func lastInFirstOut() throws {
    let bench = try Bench()
    for _ in 0..<3 { try bench.connect() }
    let order = try bench.onLoop { state in
      for index in [0, 1, 2] { state.server.release(state.connections[index], isReusable: true) }
      var order: [Int?] = []
      while let taken = state.server.takeIdle() {
        order.append(taken.isReused && taken.deadline == .max ? state.connections.firstIndex { $0 === taken } : nil)
      }
      return order
    }
    #expect(order == [2, 1, 0])
  }

  @Test("no more than so many are kept; the others are closed")
  func bounded() throws {
    let bench = try Bench(maximumIdle: 2)
    for _ in 0..<3 { try bench.connect() }
    let closed = try bench.onLoop { state in
      for connection in state.connections { state.server.release(connection, isReusable: true) }
      return state.connections.map(\.isClosed)
    }
    #expect(closed == [false, false, true])
  }

  @Test("a connection that was given back has no user")
  func userless() throws {
    let bench = try Bench()
    try bench.connect()
    #expect(
      try bench.onLoop { state in
        state.server.release(state.connections[0], isReusable: true)
        return state.connections[0].user == nil
      })
  }

  /// Whether the bench's first connection may be used again once `use` is over and it was given back.
  private func isKept(_ bench: Bench, after use: @escaping @Sendable (UpstreamConnection) -> Void) throws -> Bool {
    try bench.onLoop { state in
      let connection = state.connections[0]
      use(connection)
      state.server.release(connection, isReusable: true)
      return !connection.isClosed || state.server.takeIdle() != nil
    }
  }

  @Test("bytes beyond the answer end the use of a connection")
  func leftover() throws {
    let bench = try Bench()
    try bench.connect()
    #expect(System.send(bench.far[0], [1, 2, 3], 0..<3) == .moved(3))
    try bench.until("readable") { $0.connections[0].canRead }
    let isKept = try isKept(bench) { connection in
      _ = connection.fill()
      connection.consumeInput(2)
    }
    #expect(!isKept)
  }

  @Test("an end that was seen ends the use of a connection")
  func ended() throws {
    let bench = try Bench()
    try bench.connect()
    bench.closeFar(0)
    try bench.until("readable") { $0.connections[0].canRead }
    let isKept = try isKept(bench) { connection in
      while case .received = connection.fill() {}
    }
    #expect(!isKept)
  }

  @Test("a request that was not sent to its end ends the use of a connection")
  func backlog() throws {
    let bench = try Bench()
    try bench.connect()
    #expect(try !isKept(bench) { $0.appendOutput([1]) })
  }

  @Test("a failure ends the use of a connection")
  func failed() throws {
    let bench = try Bench()
    try bench.connect()
    bench.closeFar(0)
    try bench.until("readable") { $0.connections[0].canRead }
    let isKept = try isKept(bench) { connection in
      _ = connection.send([1], 0..<1)
      #expect(connection.failure == EPIPE)
    }
    #expect(!isKept)
  }

  @Test("an idle connection that the app closes is dropped, and the others stay")
  func closedByPeer() throws {
    let bench = try Bench()
    for _ in 0..<2 { try bench.connect() }
    try bench.onLoop { state in for connection in state.connections { state.server.release(connection, isReusable: true) } }
    bench.closeFar(1)
    try bench.until("dropped") { $0.connections[1].isClosed }
    #expect(try bench.onLoop { state in state.server.takeIdle() === state.connections[0] && state.server.takeIdle() == nil })
  }

  @Test("an idle connection on which the app says something is dropped")
  func talks() throws {
    let bench = try Bench()
    try bench.connect()
    try bench.onLoop { state in state.server.release(state.connections[0], isReusable: true) }
    #expect(System.send(bench.far[0], [72], 0..<1) == .moved(1))
    try bench.until("dropped") { $0.connections[0].isClosed }
    #expect(try bench.onLoop { $0.server.takeIdle() == nil })
  }

  @Test("an idle connection is closed when its time has passed")
  func idleTime() throws {
    let bench = try Bench(idleMilliseconds: 1)
    try bench.connect()
    try bench.onLoop { state in state.server.release(state.connections[0], isReusable: true) }
    try bench.until("closed") { $0.connections[0].isClosed }
    #expect(try bench.onLoop { $0.server.takeIdle() == nil && $0.recorder.timeouts == 0 })
  }

  @Test("a connection that is in use again is not closed when its idle time would have passed")
  func takenInTime() throws {
    let bench = try Bench(idleMilliseconds: 1)
    try bench.connect()
    try bench.connect()
    try bench.onLoop { state in
      state.server.release(state.connections[0], isReusable: true)
      state.connections[0].user = state.recorder
      _ = state.server.takeIdle()
      // A second one, given back later, shows when the time has passed.
      state.server.release(state.connections[1], isReusable: true)
    }
    try bench.until("the other one closed") { $0.connections[1].isClosed }
    #expect(try bench.onLoop { !$0.connections[0].isClosed && $0.recorder.timeouts == 0 })
  }

  @Test("all idle connections are closed at the end")
  func closeIdle() throws {
    let bench = try Bench()
    for _ in 0..<2 { try bench.connect() }
    let isOver = try bench.onLoop { state in
      for connection in state.connections { state.server.release(connection, isReusable: true) }
      state.server.closeIdle()
      return state.connections.allSatisfy(\.isClosed) && state.server.takeIdle() == nil
    }
    #expect(isOver)
  }

  @Test("a refused connection is told, and a failure noted marks the server down and has the name looked up again")
  func refused() throws {
    let (closed, holder) = try closedPort()
    defer { System.close(holder) }
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 8)
    defer { System.close(listener) }
    let open = try #require(System.localAddress(listener))
    let bench = try Bench(port: open.port, resolved: [closed])
    try bench.onLoop { state in
      guard let connection = try? state.server.connect() else { return }
      connection.user = state.recorder
      state.connections.append(connection)
    }
    try bench.until("told") { $0.recorder.readyCount > 0 }
    #expect(try bench.onLoop { $0.connections[0].connectError } == ECONNREFUSED)
    #expect(try bench.onLoop { !$0.connections[0].isConnected })
    try bench.onLoop { $0.server.failedToConnect() }
    #expect(try bench.onLoop { !$0.server.health.isUp($0.loop.now) })
    try bench.until("looked up again") { $0.server.resolved == [open] }
    try bench.onLoop { state in
      guard let connection = try? state.server.connect() else { return }
      connection.user = state.recorder
      state.connections.append(connection)
    }
    try bench.until("connected") { $0.connections[1].isConnected }
    #expect(try bench.onLoop { $0.server.health.isUp($0.loop.now) }, "a success brings it up at once")
  }

  @Test("a name that leads nowhere counts as a failed attempt and is looked up again")
  func unresolved() throws {
    let bench = try Bench(port: 9)
    let code = try bench.onLoop { state in
      do throws(SystemError) {
        _ = try state.server.connect()
        return Int32(0)
      } catch {
        return error.code
      }
    }
    #expect(code == EHOSTUNREACH)
    #expect(try bench.onLoop { !$0.server.health.isUp($0.loop.now) })
    try bench.until("looked up again") { !$0.server.resolved.isEmpty }
  }

  @Test("of a name's several addresses the next one is tried after a failure, and after the last the first")
  func severalAddresses() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listeners = try (0..<2).map { _ in try System.listen(on: any, backlog: 8) }
    defer { for listener in listeners { System.close(listener) } }
    let addresses = listeners.compactMap { System.localAddress($0) }
    let bench = try Bench(resolved: addresses)
    // The look-up that a failure brings about waits behind this, and so does not change the addresses meanwhile.
    let gate = DispatchSemaphore(value: 0)
    #expect(bench.pool.offer { gate.wait() })
    defer { withExtendedLifetime(bench) { _ = gate.signal() } }
    for expected in [0, 1, 0] {
      try bench.onLoop { state in
        guard let connection = try? state.server.connect() else { return }
        connection.user = state.recorder
        state.connections.append(connection)
        state.server.failedToConnect()
      }
      var waiting = pollfd(fd: listeners[expected], events: Int16(POLLIN), revents: 0)
      #expect(poll(&waiting, 1, 10_000) == 1)
      if case .success(let (accepted, _)) = System.accept(listeners[expected]) { System.close(accepted) }
    }
  }

  @Test("the name for logs puts an IPv6 address in brackets")
  func name() throws {
    let bench = try Bench(port: 80)
    #expect(try bench.onLoop { $0.server.name } == "127.0.0.1:80")
    let pool = bench.pool
    let other = try bench.onLoop { state in
      UpstreamServer(
        record: UpstreamRecord(address: .init(host: "::1", port: 80), addresses: []), pool: pool, loop: state.loop, maximumIdle: 1,
        idleMilliseconds: 1
      ).name
    }
    #expect(other == "[::1]:80")
  }

  @Test("a connection counts as in use from when it is lent until it is released, once")
  func active() throws {
    let bench = try Bench()
    for _ in 0..<2 { try bench.connect() }
    let counts = try bench.onLoop { state in
      var counts = [state.server.active]
      for connection in state.connections { state.server.lend(connection, to: state.recorder) }
      counts.append(state.server.active)
      state.server.release(state.connections[0], isReusable: true)
      counts.append(state.server.active)
      state.server.release(state.connections[1], isReusable: false)
      state.server.release(state.connections[1], isReusable: false)
      return counts + [state.server.active]
    }
    #expect(counts == [0, 2, 1, 0])
    #expect(try bench.onLoop { $0.connections.map(\.isClosed) } == [false, true])
  }

  @Test("it is full while as many connections are in use as it may have, and tells when one is free")
  func full() throws {
    let bench = try Bench(maximumConnections: 2)
    for _ in 0..<2 { try bench.connect() }
    let views = try bench.onLoop { state in
      let answers = state
      state.server.onSlotFreed {
        answers.answers.append(true)
        return answers.answers.count < 2
      }
      var views = [state.server.view(state.loop.now).isFull]
      for connection in state.connections {
        state.server.lend(connection, to: state.recorder)
        views.append(state.server.view(state.loop.now).isFull)
      }
      state.server.release(state.connections[0], isReusable: true)
      // Told again, it wants to hear no more.
      state.server.lend(state.connections[0], to: state.recorder)
      state.server.release(state.connections[0], isReusable: true)
      state.server.lend(state.connections[0], to: state.recorder)
      state.server.release(state.connections[0], isReusable: true)
      return views + [state.server.view(state.loop.now).isFull]
    }
    #expect(views == [false, false, true, false])
    #expect(try bench.onLoop { $0.answers } == [true, true])
  }

  @Test("a new connection takes the place of an idle one, the one that was idle longest, when there would be too many")
  func place() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 8)
    defer { System.close(listener) }
    let bench = try Bench(resolved: [try #require(System.localAddress(listener))], maximumConnections: 2)
    for _ in 0..<2 { try bench.connect() }
    try bench.onLoop { state in
      for connection in state.connections { state.server.release(connection, isReusable: true) }
      guard let connection = try? state.server.connect() else { return }
      connection.user = state.recorder
      state.connections.append(connection)
    }
    #expect(try bench.onLoop { $0.connections.map(\.isClosed) } == [true, false, false])
  }

  @Test("five failed connections in a row make it known to be down; one that comes about makes it doubtful, an answer brings it up")
  func standing() throws {
    let bench = try Bench()
    let standings = try bench.onLoop { state in
      let server = state.server
      let now = state.loop.now
      var standings = [server.view(now).standing]
      for _ in 0..<5 {
        server.failedToConnect()
        standings.append(server.view(now).standing)
      }
      server.connected()
      standings.append(server.view(now).standing)
      server.answered()
      return standings + [server.view(now).standing]
    }
    #expect(standings == [.up, .doubtful, .doubtful, .doubtful, .doubtful, .down, .doubtful, .up])
  }

  @Test("requests that the app does not answer make it doubtful, and never known to be down")
  func unanswered() throws {
    let bench = try Bench()
    let standings = try bench.onLoop { state in
      (0..<7).map { _ in
        state.server.failedToAnswer()
        return state.server.view(state.loop.now).standing
      }
    }
    #expect(standings == [.up, .up, .up, .up, .doubtful, .doubtful, .doubtful])
  }

  @Test("what the checks say counts on every loop, before what requests met with")
  func checks() throws {
    let bench = try Bench(slowStartMilliseconds: 1600)
    let views = try bench.onLoop { state in
      let server = state.server
      let now = state.loop.now
      server.record.note(.down, now)
      var views = [server.view(now)]
      server.record.note(.up, now)
      views += [0, 800, 1600].map { server.view(now + $0) }
      for _ in 0..<5 { server.failedToConnect() }
      return views + [server.view(now)]
    }
    #expect(views.map(\.standing) == [.down, .up, .up, .up, .doubtful])
    #expect(views[1...3].map(\.share) == [1, 8, 16])
  }

  @Test("idle connections to an address that the name leads to no more are closed; those in use end with their request")
  func drained() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listeners = try (0..<2).map { _ in try System.listen(on: any, backlog: 8) }
    defer { for listener in listeners { System.close(listener) } }
    let addresses = listeners.compactMap { System.localAddress($0) }
    let bench = try Bench(resolved: [addresses[0]], resolver: { _, _ in [addresses[1]] })
    for _ in 0..<2 {
      try bench.onLoop { state in
        guard let connection = try? state.server.connect() else { return }
        connection.user = state.recorder
        state.connections.append(connection)
      }
    }
    try bench.until("connected") { $0.connections.count == 2 && $0.connections.allSatisfy(\.isConnected) }
    try bench.onLoop { state in
      for connection in state.connections { state.server.lend(connection, to: state.recorder) }
      state.server.release(state.connections[0], isReusable: true)
      state.server.record.resolve(on: state.pool, now: state.loop.now, pause: 0)
    }
    try bench.until("looked up") { $0.server.resolved == [addresses[1]] }
    #expect(try bench.onLoop { $0.connections.map(\.isClosed) } == [true, false])
    let closed = try bench.onLoop { state in
      state.server.release(state.connections[1], isReusable: true)
      return state.connections[1].isClosed
    }
    #expect(closed)
    try bench.onLoop { state in
      guard let connection = try? state.server.connect() else { return }
      connection.user = state.recorder
      state.connections.append(connection)
    }
    var waiting = pollfd(fd: listeners[1], events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 10_000) == 1)
  }
}
