import Config
import Dispatch
import EventLoop
import Synchronization
import Testing

@testable import Upstream

@Suite struct UpstreamRecordTests {
  private let one = SocketAddress("10.0.0.1", port: 80)
  private let two = SocketAddress("10.0.0.2", port: 80)

  private func record(_ addresses: [SocketAddress?], host: String = "app") -> UpstreamRecord {
    UpstreamRecord(address: UpstreamAddress(host: host, port: 80), addresses: addresses.compactMap { $0 })
  }

  @Test("without a check nothing is known, and it does not count as down")
  func unknown() {
    let record = record([one])
    #expect(record.verdict == .unknown && !record.isDown && record.returnedAt == .min)
    record.note(.unknown, 5)
    #expect(record.verdict == .unknown)
  }

  @Test("it remembers when it came back, and only then")
  func returns() {
    let record = record([one])
    record.note(.up, 5)
    #expect(record.verdict == .up && record.returnedAt == .min)
    record.note(.down, 6)
    #expect(record.verdict == .down && record.isDown)
    record.note(.up, 7)
    #expect(record.verdict == .up && !record.isDown && record.returnedAt == 7)
    record.note(.up, 8)
    #expect(record.returnedAt == 7)
  }

  @Test("other addresses are taken over; none at all, and the same in another order, change nothing")
  func addresses() {
    let record = record([one, two])
    let version = record.version
    record.take([])
    record.take([two, one].compactMap { $0 })
    #expect(record.version == version && record.resolved == [one, two].compactMap { $0 })
    record.take([two].compactMap { $0 })
    #expect(record.version == version + 1 && record.resolved == [two].compactMap { $0 })
  }

  @Test("a name is looked up once at a time, and not again before the pause is over")
  func once() throws {
    let pool = try BlockingPool(name: "names", threads: 1, limit: 8)
    let gate = DispatchSemaphore(value: 0)
    let calls = Calls()
    let found = try #require(two)
    let record = UpstreamRecord(address: UpstreamAddress(host: "app", port: 81), addresses: []) { host, port in
      gate.wait()
      calls.note("\(host):\(port)")
      return [found]
    }
    for _ in 0..<5 { record.resolve(on: pool, now: 1000, pause: 0) }
    gate.signal()
    calls.wait(1)
    // The next one begins behind the end of the one before.
    let idle = DispatchSemaphore(value: 0)
    #expect(pool.offer { idle.signal() })
    idle.wait()
    record.resolve(on: pool, now: 1999, pause: 1000)
    record.resolve(on: pool, now: 2000, pause: 1000)
    gate.signal()
    calls.wait(2)
    gate.signal()
    pool.finish()
    #expect(calls.names == ["app:81", "app:81"])
    #expect(record.resolved == [found])
  }

  private final class Calls: Sendable {
    private let list = Mutex<[String]>([])
    private let semaphore = DispatchSemaphore(value: 0)

    var names: [String] { list.withLock { $0 } }

    func note(_ name: String) {
      list.withLock { $0.append(name) }
      semaphore.signal()
    }

    func wait(_ count: Int) { #expect(semaphore.wait(timeout: .now() + 10) == .success, "call \(count)") }
  }

  @Test("a numeric address is no name", arguments: [("10.0.0.1", true), ("::1", true), ("app", false), ("10.0.0.1.example", false)])
  func numeric(_ host: String, _ isNumeric: Bool) { #expect(record([], host: host).isNumeric == isNumeric) }

  @Test("checks name the host that they are told, else the address itself")
  func healthHost() {
    #expect(record([], host: "::1").healthHost == "[::1]:80")
    #expect(UpstreamRecord(address: UpstreamAddress(host: "app", port: 80), healthHost: "app.test", addresses: []).healthHost == "app.test")
  }

  @Test("a name is looked up again and again, by the clock")
  func refresh() throws {
    let bench = try Bench()
    let calls = Calls()
    let found = try #require(two)
    let record = UpstreamRecord(address: UpstreamAddress(host: "app", port: 80), addresses: []) { host, _ in
      calls.note(host)
      return [found]
    }
    try bench.onLoop { state in
      let refresh = NameRefresh(record, milliseconds: 1, pool: state.pool, loop: state.loop)
      try? state.loop.add(refresh)
      refresh.deadlineReached()
    }
    for count in 1...3 { calls.wait(count) }
  }
}
