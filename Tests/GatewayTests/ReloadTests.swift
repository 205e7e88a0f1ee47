import Audit
import Config
import Crypto
import EventLoop
import Login
import Session
import Testing
import Upstream

@testable import Gateway

/// One loop that takes another generation over, with everything in sight.
@Suite struct ReloadTests {
  @Test("a request under way keeps its rules, and the next one on its connection has the new ones")
  func rules() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.request.set = [RequestFields.Field(name: "X-Mark", value: "old")] })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    #expect(try peer.message().all("X-Mark") == ["old"])
    try rig.takeOver { $0.sites[0].request.set = [RequestFields.Field(name: "X-Mark", value: "new")] }
    #expect(try rig.onLoop { $0.status().underEarlierRules } == 1)
    try peer.send(answer())
    #expect(try client.message().status == 200)
    try client.send(request("GET", "/open/2"))
    #expect(try peer.message().all("X-Mark") == ["new"])
    try peer.send(answer())
    #expect(try client.message().status == 200)
    #expect(try rig.onLoop { $0.status().underEarlierRules } == 0)
  }

  @Test("the old rules go with the last request that has them, and not before")
  func forgotten() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], changeSite: { $0.upstreamSettings.maxConnections = 4 })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/open/1"))
    let peer = try app.accept()
    _ = try peer.message()
    // Held by the rules of each loop.
    weak let old = rig.generation
    try rig.takeOver { $0.sites[0].upstreamSettings.maxConnections = 5 }
    try rig.onLoop { _ in }
    #expect(old != nil)
    try peer.send(answer())
    _ = try client.message()
    try rig.until("gone") { _ in old == nil }
  }

  @Test("an app whose settings are the same keeps its connections and what is known of it; another's connections end")
  func upstreams() throws {
    let (stays, goes) = (try App(), try App())
    let rig = try Rig(apps: [stays.address])
    defer { rig.stop() }
    try rig.takeOver { configuration in
      var other = configuration.sites[0]
      (other.name, other.hosts) = ("other.test", [.exact("other.test")])
      other.upstreams = [UpstreamAddress(host: goes.address.host, port: goes.address.port)]
      configuration.sites.append(other)
    }
    let client = try rig.connect()
    var peers: [Peer] = []
    for (host, app) in [(Fixtures.host, stays), ("other.test", goes)] {
      try client.send(request("GET", "/open/", host: host))
      let peer = try app.accept()
      _ = try peer.message()
      try peer.send(answer())
      #expect(try client.message().status == 200)
      peers.append(peer)
    }
    let records = rig.generation.upstreams.records
    try rig.takeOver { configuration in
      configuration.sites.removeLast()
      configuration.sites[0].start = "/elsewhere"
    }
    #expect(rig.generation.upstreams.records.count == 1 && rig.generation.upstreams.records[0] === records[0])
    #expect(try peers[1].toEnd().isEmpty)
    try client.send(request("GET", "/open/"))
    #expect(try peers[0].message().target == "/open/")
    try rig.takeOver { $0.sites[0].upstreamSettings.slowStart = .seconds(1) }
    #expect(rig.generation.upstreams.records[0] !== records[0])
  }

  @Test("accounts, throttle and counted requests of a site that stays are handed on; of another one they are not")
  func sites() throws {
    let rig = try Rig(apps: [], changeSite: { $0.requests = 5 })
    defer { rig.stop() }
    let before = rig.settings.sites[0]
    let network = try #require(ClientNetwork(text: "192.0.2.1"))
    before.memory.throttle.withLock { for _ in 0..<5 { _ = $0.begin(account: "ann", network: network, device: nil, now: 100) } }
    #expect(before.gate?.enter() == true)
    try rig.takeOver { configuration in
      configuration.sites[0].requests = 7
      configuration.sites[0].changePassword { $0.throttle.lock = .seconds(60) }
      configuration.limits.throttleEntries = 123
    }
    let after = rig.generation.settings.sites[0]
    #expect(after !== before && after.accounts === before.accounts && after.gate === before.gate)
    #expect(after.gate?.limit == 7 && after.gate?.count == 1)
    let decision = after.memory.throttle.withLock { $0.begin(account: "ann", network: network, device: nil, now: 101) }
    guard case .refused(until: 161) = decision else { throw WireFault("\(decision)") }
    try rig.takeOver { configuration in
      configuration.sites[0].name = "renamed"
      configuration.sites[0].changePassword { $0.users += "2" }
    }
    let renamed = rig.generation.settings.sites[0]
    #expect(renamed.memory !== after.memory && renamed.gate !== after.gate && renamed.accounts !== after.accounts)
  }

  @Test("a session of a key that is gone is none any more, whoever has opened it before")
  func keys() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let cookie = try rig.cookie()
    let client = try rig.connect()
    try client.send(request("GET", "/x", ["Cookie: \(cookie)"]))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer())
    #expect(try client.message().status == 200)
    try rig.takeOver(ring: KeyRing([Fixtures.key(2)])) { _ in }
    try client.send(request("GET", "/x", ["Cookie: \(cookie)"]))
    #expect(try client.message().status == 401)
  }

  @Test("connections leave the entrance that they came by, also when nobody listens there any more")
  func places() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let first = try rig.connect()
    try first.send(request("GET", "/.anteroom/healthz"))
    _ = try first.message()
    let old = rig.generation.listeners[0].entrance
    try rig.takeOver { $0.listeners = [Listener(address: "127.0.0.2", port: 0, connections: 9)] }
    let new = rig.generation.listeners[0].entrance
    #expect(old !== new && old.gate.count == 1 && old.acceptors.load(ordering: .relaxed) == 0)
    let second = try rig.connect(new.address)
    for client in [first, second] {
      try client.send(request("GET", "/.anteroom/healthz"))
      #expect(try client.message().status == 200)
    }
    #expect(throws: SystemError.self) { try ListeningProbe.check(old.address) }
    #expect(new.gate.count == 1 && new.gate.limit == 9 && rig.services.admission.all.count == 2)
    first.close()
    try rig.until("gone") { $0.services.admission.all.count == 1 }
    #expect(old.gate.count == 0 && old.isGone && new.gate.count == 1)
  }

  @Test("who waits to be accepted when a listener goes is accepted first")
  func waiting() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let entered = try rig.connect()
    try entered.send(request("GET", "/.anteroom/healthz"))
    _ = try entered.message()
    let address = rig.address
    let late = try rig.onLoop { _ in try? System.connect(to: address) }
    let peer = Peer(try #require(late))
    try rig.takeOver { $0.listeners = [Listener(address: "127.0.0.2", port: 0)] }
    try peer.send(request("GET", "/.anteroom/healthz"))
    #expect(try peer.message().status == 200)
  }

  @Test("those who are idle are counted from the moment that descriptors are scarce")
  func descriptors() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let clients = try (0..<3).map { _ in try rig.connect() }
    for client in clients.prefix(2) {
      try client.send(request("GET", "/.anteroom/healthz"))
      _ = try client.message()
    }
    try rig.until("idle") { $0.status().idle == 3 }
    let clock = rig.generation.listeners[0].entrance.clocks[0]
    #expect(clock.known.load(ordering: .relaxed) == 0)
    try rig.takeOver { $0.limits.connections = 1_000_000 }
    #expect(rig.services.admission.countsDescriptors)
    #expect(clock.known.load(ordering: .relaxed) == 2)
    clients[0].close()
    try rig.until("gone") { _ in clock.known.load(ordering: .relaxed) == 1 }
  }

  @Test("a head that is under way keeps the limits it has come with, a later one has the new ones")
  func limits() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let client = try rig.connect()
    let text = request("GET", "/.anteroom/healthz", (0..<20).map { "X-\($0): y" })
    try client.send(text)
    #expect(try client.message().status == 200)
    try rig.takeOver { $0.limits.headerCount = 10 }
    try client.send(text)
    #expect(try client.message().status == 431)
  }
}

private enum ListeningProbe {
  /// Throws when nobody listens.
  static func check(_ address: SocketAddress) throws {
    let descriptor = try System.connect(to: address)
    defer { System.close(descriptor) }
    System.waitUntilWritable(descriptor, milliseconds: 5000)
    let code = System.pendingError(descriptor)
    if code != 0 { throw SystemError("connect", code) }
  }
}
