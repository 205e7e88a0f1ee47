import Dispatch
import EventLoop
import HTTP
import Synchronization
import Session
import Testing

@testable import Gateway

@Suite struct WorkerTests {
  @Test(
    "durations are rounded up to milliseconds",
    arguments: zip([Duration.seconds(2), .milliseconds(1), .nanoseconds(1), .zero], [2000, 1, 1, 0] as [Int64]))
  func milliseconds(duration: Duration, count: Int64) { #expect(duration.milliseconds == count) }

  @Test("request ids are 16 hexadecimal digits, and no two are the same, whichever loop they are of")
  func requestIDs() throws {
    let rigs = try (0..<2).map { _ in try Rig(apps: []) }
    defer { for rig in rigs { rig.stop() } }
    let ids = try rigs.flatMap { rig in
      try rig.onLoop { worker in
        (0..<1000).map { _ in worker.nextRequestID().text }
      }
    }
    #expect(Set(ids).count == 2000)
    #expect(ids.allSatisfy { $0.utf8.count == 16 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
  }

  @Test("the date line is that of the loop's second")
  func date() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let (line, expected) = try rig.onLoop { worker in
      var line: [UInt8] = []
      worker.appendDate(to: &line)
      worker.appendDate(to: &line)
      var expected = [UInt8]("Date: ".utf8)
      HTTPDate(secondsSince1970: worker.loop.wallNow / 1000).appendIMFFixdate(to: &expected)
      return (line, expected + [13, 10])
    }
    #expect(line == expected + expected)
  }

  @Test("an exchange that was given back comes again empty")
  func exchanges() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let isEmpty = try rig.onLoop { worker in
      let exchange = worker.takeExchange()
      exchange.headBytes = [1]
      exchange.cookies = ["a=b"]
      exchange.localLines = [1]
      exchange.status = 200
      exchange.clearsSiteData = true
      exchange.endedSession = OpenedSession(
        SessionContent(id: .random(), user: "ann", stamp: [], authenticatedAt: 0, lastActivity: 0, notAfter: 0))
      exchange.tokenUse = TokenUse()
      exchange.form = [1]
      exchange.isUnreadable = true
      exchange.closesAfter = true
      exchange.isContinueSent = true
      exchange.auditReason = "x"
      exchange.auditUser = "x"
      exchange.auditEvent = .logout
      exchange.end = .fault
      exchange.attempt = 2
      exchange.informational = 3
      worker.giveBack(exchange)
      let again = worker.takeExchange()
      guard again === exchange else { return false }
      return again.headBytes.isEmpty && again.cookies.isEmpty && again.localLines.isEmpty && again.status == 0 && !again.clearsSiteData
        && again.endedSession == nil && again.tokenUse == nil
        && again.form.isEmpty && !again.isUnreadable && !again.closesAfter && !again.isContinueSent && again.auditReason == nil
        && again.auditUser == nil && again.auditEvent == nil && again.end == .ok && again.attempt == 0 && again.informational == 0
        && again.stage == .idle
    }
    #expect(isEmpty)
  }

  @Test("readiness is asked of the apps once a second, and all who ask meanwhile hear the same")
  func readiness() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let clients = try (0..<3).map { _ in try rig.connect() }
    for client in clients { try client.send(request("GET", "/.anteroom/readyz", host: "any.where")) }
    for client in clients {
      let answer = try client.message()
      #expect(answer.status == 200 && answer.text == "ready\n")
    }
    _ = try app.accept()
    #expect(try !app.isAskedFor())
  }

  @Test("an answer about readiness that comes when its client is gone goes to nobody else")
  func lateReadiness() throws {
    // A listener whose queue is full answers nothing.
    let app = try App(backlog: 0)
    let fillers = (0..<4).compactMap { _ in try? System.connect(to: app.address) }
    defer { for filler in fillers { System.close(filler) } }
    let rig = try Rig(apps: [app.address], change: { $0.limits.connectTimeout = .milliseconds(300) })
    defer { rig.stop() }
    let gate = try rig.hashing.hold()
    defer { gate.signal() }
    let first = try rig.connect()
    try first.send(request("GET", "/.anteroom/readyz"))
    try rig.until("waiting") { $0.stages == [.waiting] }
    first.close(reset: true)
    try rig.until("gone") { $0.stages.isEmpty }
    let second = try rig.connect()
    try second.send(try Visit(rig).login())
    try rig.until("waiting") { $0.stages == [.waiting] }
    try rig.until("the probe is over") { !$0.rules.sites[0].servers[0].health.isUp($0.loop.now) }
    try rig.onLoop { _ in }
    gate.signal()
    #expect(try second.message().status == 303)
  }

  @Test("a late failure of one round of questions is no answer to the next round")
  func readinessRounds() throws {
    // Listeners whose queue is full answer nothing: that of one is, that of the other will be after one connection.
    let (silent, once) = (try App(backlog: 0), try App(backlog: 0))
    let fillers = (0..<4).compactMap { _ in try? System.connect(to: silent.address) }
    defer { for filler in fillers { System.close(filler) } }
    let rig = try Rig(apps: [silent.address, once.address], change: { $0.limits.connectTimeout = .milliseconds(400) })
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/readyz"))
    #expect(try client.message().status == 200)
    let first = try rig.onLoop { $0.loop.now }
    let more = (0..<4).compactMap { _ in try? System.connect(to: once.address) }
    defer { for one in more { System.close(one) } }
    try rig.until("the middle of the first round") { $0.loop.now >= first + 200 }
    // As if the answer's second were over.
    let second = try rig.onLoop { worker in
      worker.rules.readiness = nil
      return worker.loop.now
    }
    try client.send(request("GET", "/.anteroom/readyz"))
    #expect(try client.message().status == 503)
    let answered = try #require(try rig.onLoop { $0.rules.readiness?.at })
    #expect(answered >= second + 400)
  }

  @Test("with no app that takes connections it is not ready, and is still alive")
  func notReady() throws {
    let closed = try ClosedPort()
    let rig = try Rig(apps: [closed.address])
    defer { rig.stop() }
    let client = try rig.connect()
    try client.send(request("GET", "/.anteroom/readyz") + request("GET", "/.anteroom/healthz"))
    #expect(try client.message().status == 503)
    #expect(try client.message().text == "ok\n")
  }

  @Test("when it is told to end, idle connections end at once, busy ones after their answer, which says so")
  func drain() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let idle = try rig.connect()
    try idle.send(request("GET", "/.anteroom/healthz"))
    _ = try idle.message()
    let busy = try rig.connect()
    try busy.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    try rig.onLoop { $0.drain {} }
    #expect(try idle.toEnd().isEmpty)
    try peer.send(answer())
    let last = try busy.message()
    #expect(last.text == "fine" && last["Connection"] == "close")
    #expect(try busy.toEnd().isEmpty)
    #expect(throws: (any Error).self) {
      let late = try rig.connect()
      try late.send(request("GET", "/.anteroom/healthz"))
      _ = try late.message()
    }
  }

  @Test("told to end, and then that another process accepts, it ends when its connections have")
  func drainBeforeHandOver() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address])
    defer { rig.stop() }
    let busy = try rig.connect()
    try busy.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    let isOver = try Answers<Bool>(count: 1)
    try rig.onLoop { worker in
      worker.drain { isOver.put(true, from: 0) }
      worker.handOver(unused: []) {}
    }
    try peer.send(answer())
    #expect(try busy.message()["Connection"] == "close")
    #expect(isOver.wait(milliseconds: 10_000) == [true])
  }

  @Test("when it is told to end, requests that are here already are answered, also those of connections that nobody has accepted yet")
  func drainAccepts() throws {
    let rig = try Rig(apps: [])
    defer { rig.stop() }
    let (idle, fresh) = (try rig.connect(), try rig.connect())
    try idle.send(request("GET", "/.anteroom/healthz"))
    _ = try idle.message()
    try rig.until("both are there") { $0.services.admission.all.count == 2 }
    let release = DispatchSemaphore(value: 0)
    rig.hold(release) { $0.drain {} }
    let queued = try (0..<50).map { _ in try rig.connect() }
    for client in [idle, fresh] + queued { try client.send(request("GET", "/.anteroom/healthz")) }
    release.signal()
    for client in [idle, fresh] + queued {
      let last = try client.message()
      #expect(last.text == "ok\n" && last["Connection"] == "close")
      #expect(try client.toEnd().isEmpty)
    }
    try rig.until("all are gone") { $0.services.admission.all.count == 0 }
  }

  @Test("when it is told to end, a new connection that has not said all yet has a moment to, and no more")
  func drainWaits() throws {
    let rig = try Rig(apps: [], change: { $0.limits.headerTimeout = .seconds(60) })
    defer { rig.stop() }
    let release = DispatchSemaphore(value: 0)
    rig.hold(release) { $0.drain {} }
    let (silent, partial) = (try rig.connect(), try rig.connect())
    try partial.send("GET / HTTP/1.1\r\nHost:")
    // Sees what has become of them right after the first event.
    let isThere = Atomic(false)
    rig.post { isThere.store($0.services.admission.all.count == 2, ordering: .relaxed) }
    release.signal()
    #expect(try silent.toEnd().isEmpty)
    #expect(try partial.message().status == 408)
    let wasThere = isThere.load(ordering: .relaxed)
    #expect(wasThere)
  }

  @Test("when it is told to end, no more connections are taken than there may be")
  func drainKeepsLimits() throws {
    let app = try App()
    let rig = try Rig(apps: [app.address], change: { $0.limits.connections = 3 })
    defer { rig.stop() }
    let busy = try rig.connect()
    try busy.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    let release = DispatchSemaphore(value: 0)
    rig.hold(release) { $0.drain {} }
    let queued = try (0..<5).map { _ in try rig.connect() }
    for client in queued { try? client.send(request("GET", "/.anteroom/healthz")) }
    release.signal()
    #expect(queued.count { (try? $0.message())?.status == 200 } == 2)
    try peer.send(answer())
    #expect(try busy.message().text == "fine")
  }
}
