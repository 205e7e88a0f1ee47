import EventLoop
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

  @Test("a client that never says anything is closed")
  func silent() throws {
    let rig = try Rig(apps: [], change: { $0.limits.headerTimeout = .milliseconds(20) })
    defer { rig.stop() }
    #expect(try rig.connect().toEnd().isEmpty)
  }
}
