import Config
import EventLoop
import Glibc
import Testing

@testable import Upstream

@Suite struct HealthProbeTests {
  /// What a probe makes of an app that says this, or nothing, and then ends the connection or leaves it open.
  private func outcome(of answer: String?, ends: Bool = true, milliseconds: Int64 = 10_000) throws -> HealthProbe.Outcome? {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 8)
    defer { System.close(listener) }
    let bench = try Bench(resolved: [try #require(System.localAddress(listener))], inputBytes: 64 << 10)
    try bench.onLoop { state in
      _ = HealthProbe(
        state.server, request: HealthProbe.request(path: "/up", host: "app.test"), milliseconds: milliseconds, loop: state.loop
      ) { [unowned state] in state.outcomes.append($0) }
    }
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 10_000) == 1)
    guard case .success(let (accepted, _)) = System.accept(listener) else { throw BenchFault(what: "nobody connected") }
    defer { System.close(accepted) }
    _ = fcntl(accepted, F_SETFL, 0)
    var request: [UInt8] = []
    while !request.suffix(4).elementsEqual([13, 10, 13, 10]) {
      var bytes = [UInt8](repeating: 0, count: 1000)
      guard case .moved(let count) = System.receive(accepted, into: &bytes, from: 0) else { break }
      request += bytes[..<count]
    }
    #expect(String(decoding: request, as: UTF8.self).hasPrefix("GET /up HTTP/1.1\r\nHost: app.test\r\n"))
    if let answer {
      let bytes = [UInt8](answer.utf8)
      #expect(System.send(accepted, bytes, 0..<bytes.count) == .moved(bytes.count))
    }
    if ends { System.shutdownWrite(accepted) }
    try bench.until("answered") { !$0.outcomes.isEmpty }
    #expect(try bench.onLoop { $0.server.active == 0 && $0.server.takeIdle() == nil })
    return try bench.onLoop { $0.outcomes.count == 1 ? $0.outcomes[0] : nil }
  }

  @Test("a head with a status from 200 to 399 passes, whatever follows", arguments: [200, 204, 301, 399])
  func passes(_ status: Int) throws {
    #expect(try outcome(of: "HTTP/1.1 \(status) Fine\r\nContent-Length: 9\r\n\r\n", ends: false) == .passed)
  }

  @Test("another status fails, and says which", arguments: [101, 400, 404, 500, 503])
  func fails(_ status: Int) throws {
    #expect(try outcome(of: "HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n") == .failed("status \(status)"))
  }

  @Test("interim answers are passed over")
  func interim() throws {
    #expect(try outcome(of: "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 Fine\r\n\r\n") == .passed)
    #expect(try outcome(of: "HTTP/1.1 103 Early\r\n\r\n") == .failed("closed without an answer"))
  }

  @Test("what is no answer fails", arguments: [nil, "HTTP/1.1 200", "SSH-2.0-x\r\n", "HTTP/1.1 200 F\r\nA\r\n\r\n"])
  func malformed(_ answer: String?) throws {
    guard case .failed = try outcome(of: answer) else {
      Issue.record("it passed")
      return
    }
  }

  @Test("an app that does not answer in time fails")
  func silent() throws { #expect(try outcome(of: nil, ends: false, milliseconds: 20) == .failed("no answer in time")) }

  @Test("a refused connection fails, and counts as one")
  func refused() throws {
    let (closed, holder) = try closedPort()
    defer { System.close(holder) }
    let bench = try Bench(resolved: [closed])
    try bench.onLoop { state in
      _ = HealthProbe(state.server, request: [], milliseconds: 10_000, loop: state.loop) { [unowned state] in state.outcomes.append($0) }
    }
    try bench.until("answered") { !$0.outcomes.isEmpty }
    let isRefused = try bench.onLoop { state in
      guard case .failed(let reason) = state.outcomes[0] else { return false }
      return reason.contains("no connection") && state.server.view(state.loop.now).standing == .doubtful
    }
    #expect(isRefused)
  }

  @Test("checks go on by the clock, and tell when the server goes down and comes back")
  func checks() throws {
    let (closed, holder) = try closedPort()
    let bench = try Bench(resolved: [closed], resolver: { _, _ in [] })
    try bench.onLoop { state in
      var check = UpstreamSettings.HealthCheck(path: "/")
      check.fails = 2
      check.passes = 1
      let checks = HealthChecks(state.server, check: check, milliseconds: 1, timeout: 10_000, loop: state.loop) {
        [unowned state] verdict, _ in
        state.verdicts.append(verdict)
      }
      try? state.loop.add(checks)
      checks.deadlineReached()
    }
    try bench.until("down") { $0.verdicts == [.down] && $0.server.record.isDown }
    System.close(holder)
    let listener = try System.listen(on: closed, backlog: 8)
    defer { System.close(listener) }
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 10_000) == 1)
    guard case .success(let (accepted, _)) = System.accept(listener) else { throw BenchFault(what: "nobody connected") }
    defer { System.close(accepted) }
    let answer = [UInt8]("HTTP/1.1 200 Fine\r\n\r\n".utf8)
    #expect(System.send(accepted, answer, 0..<answer.count) == .moved(answer.count))
    try bench.until("up") { $0.verdicts == [.down, .up] && !$0.server.record.isDown }
  }
}
