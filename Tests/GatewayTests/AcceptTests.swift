import EventLoop
import Glibc
import Testing

@testable import Gateway

@Suite struct AcceptTests {
  @Test("beyond the limit the connection that has been idle longest makes room, and every one is counted out")
  func limit() throws {
    let rig = try Rig(apps: [], change: { $0.limits.connections = 2 })
    defer { rig.stop() }
    let first = try rig.connect()
    let second = try rig.connect()
    for client in [first, second] {
      try client.send(request("GET", "/.anteroom/healthz"))
      #expect(try client.message().status == 200)
    }
    let third = try rig.connect()
    #expect(try first.toEnd().isEmpty)
    for client in [second, third] {
      try client.send(request("GET", "/.anteroom/healthz"))
      #expect(try client.message().status == 200)
    }
    #expect(try rig.onLoop { $0.services.admission.all.count } == 2)
    rig.stop()
    #expect(rig.services.admission.all.count == 0)
    #expect(rig.eventLines.contains { $0.contains("too many connections") && $0.contains("limit=connections") })
  }

  @Test("more connections than one round takes are all taken")
  func burst() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let clients = try (0..<150).map { _ in try rig.connect() }
    for client in clients { try client.send(request("GET", "/.anteroom/healthz")) }
    for client in clients { #expect(try client.message().status == 200) }
  }

  private func group(_ count: Int, isPassed: Bool = false) throws -> SocketGroup {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let made = try SocketGroup(binding: any, count: count, checks: false)
    guard isPassed else { return SocketGroup(configured: any, sockets: made.sockets) }
    return SocketGroup(configured: any, sockets: try made.sockets.map { try ListeningSocket(adopting: dup($0.descriptor), isPassed: true) })
  }

  @Test("a worker with several sockets takes what comes at any of them")
  func several() throws {
    let group = try group(5)
    let rig = try Rig(apps: [], inherited: [group])
    defer { rig.stop() }
    #expect(rig.address == group.address)
    for _ in 0..<3 {
      let clients = try (0..<100).map { _ in try rig.connect() }
      for client in clients { try client.send(request("GET", "/.anteroom/healthz")) }
      for client in clients { #expect(try client.message().status == 200) }
    }
  }

  @Test("where places are scarce those who wait at any socket get one in time")
  func scarce() throws {
    let group = try group(4)
    let rig = try Rig(apps: [], inherited: [group], change: { $0.limits.connections = 1 })
    defer { rig.stop() }
    for _ in 0..<12 {
      let client = try rig.connect()
      try client.send(request("GET", "/.anteroom/healthz"))
      #expect(try client.message().status == 200)
    }
  }

  @Test("while accepting pauses those who connect wait, and nobody is lost")
  func pause() throws {
    let rig = try Rig(apps: [], inherited: [try group(3)])
    defer { rig.stop() }
    try rig.onLoop { $0.pauseAccepting() }
    let clients = try (0..<50).map { _ in try rig.connect() }
    for client in clients { try client.send(request("GET", "/.anteroom/healthz")) }

    #expect(try rig.onLoop { $0.connections.count } == 0)
    try rig.onLoop { $0.resumeAccepting() }
    for client in clients { #expect(try client.message().status == 200) }
  }

  @Test("at the end the queue of a passed socket is left for the next, and that of another is served", arguments: [true, false])
  func leaving(isPassed: Bool) throws {
    let group = try group(1, isPassed: isPassed)
    let rig = try Rig(apps: [], inherited: [group])
    defer { rig.stop() }
    try rig.onLoop { $0.pauseAccepting() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/healthz"))
    let taken = try rig.onLoop { worker in
      worker.drain {}
      return worker.connections.count
    }
    #expect(taken == (isPassed ? 0 : 1))
    if isPassed {
      rig.stop()
      let next = try Rig(apps: [], inherited: [group])
      defer { next.stop() }
      #expect(try client.message().status == 200)
    } else {
      #expect(try client.message().status == 200)
    }
  }

  @Test("after a hand-over the queue is the other one's, but where that has no listener")
  func handOver() throws {
    for isUnused in [true, false] {
      let group = try group(2)
      let rig = try Rig(apps: [], inherited: [group])
      defer { rig.stop() }
      try rig.onLoop { $0.pauseAccepting() }
      let client = try rig.connect()
      try client.send(request("GET", "/.anteroom/healthz"))
      let descriptors = group.sockets.map(\.descriptor)
      let taken = try rig.onLoop { worker in
        worker.handOver(unused: isUnused ? descriptors : []) {}
        return worker.connections.count
      }
      #expect(taken == (isUnused ? 1 : 0))
      guard !isUnused else {
        #expect(try client.message()["Connection"] == "close")
        continue
      }
      let next = try Rig(apps: [], inherited: [group])
      defer { next.stop() }
      #expect(try client.message().status == 200)
    }
  }

  @Test("a client that never says anything is closed")
  func silent() throws {
    let rig = try Rig(apps: [], change: { $0.limits.headerTimeout = .milliseconds(20) })
    defer { rig.stop() }
    #expect(try rig.connect().toEnd().isEmpty)
  }
}
