import Config
import Testing

@testable import Login

struct ThrottleTests {
  let now = Fixtures.now

  private func isAllowed(_ decision: Throttle.Decision) -> Bool {
    if case .allowed = decision { true } else { false }
  }

  private func until(_ decision: Throttle.Decision) -> Int64? {
    if case .refused(let until) = decision { until } else { nil }
  }

  @Test("the defaults bear 5 failures of an account in 10 minutes, then lock it for 15")
  func account() throws {
    var throttle = Throttle(settings: ThrottleSettings(), entries: 100)
    for i in 0..<5 {
      let network = try Fixtures.network(UInt8(i))
      #expect(isAllowed(throttle.begin(account: "ann", network: network, device: nil, now: now + Int64(i))))
    }
    let other = try Fixtures.network(200)
    #expect(until(throttle.begin(account: "ann", network: other, device: nil, now: now + 5)) == now + 4 + 900)
    #expect(isAllowed(throttle.begin(account: "bob", network: other, device: nil, now: now + 5)))
    #expect(!isAllowed(throttle.begin(account: "ann", network: other, device: nil, now: now + 903)))
    #expect(isAllowed(throttle.begin(account: "ann", network: other, device: nil, now: now + 904)))
  }

  @Test("failures older than the window do not count")
  func window() throws {
    var throttle = Fixtures.throttle()
    let network = try Fixtures.network()
    for i in 0..<20 { #expect(isAllowed(throttle.begin(account: "ann", network: network, device: nil, now: now + Int64(i) * 150))) }
  }

  @Test("an address bears 50 failures over all names")
  func address() throws {
    var throttle = Throttle(settings: ThrottleSettings(), entries: 1_000)
    let network = try Fixtures.network()
    for i in 0..<50 { #expect(isAllowed(throttle.begin(account: "u\(i)", network: network, device: nil, now: now))) }
    #expect(until(throttle.begin(account: "ann", network: network, device: nil, now: now)) == now + 900)
    #expect(isAllowed(throttle.begin(account: "ann", network: try Fixtures.network(2), device: nil, now: now)))
  }

  @Test("of a hundred guesses at once five pass")
  func parallel() throws {
    var throttle = Fixtures.throttle()
    let network = try Fixtures.network()
    let decisions = (0..<100).map { _ in throttle.begin(account: "ann", network: network, device: nil, now: now) }
    #expect(decisions.count { isAllowed($0) } == 5)
  }

  @Test("success clears the account, and takes back its own failure of the address only")
  func success() throws {
    var throttle = Fixtures.throttle(address: 6)
    let network = try Fixtures.network()
    for _ in 0..<4 { _ = throttle.begin(account: "ann", network: network, device: nil, now: now) }
    guard case .allowed(let attempt) = throttle.begin(account: "ann", network: network, device: nil, now: now) else {
      Issue.record("refused")
      return
    }
    throttle.succeeded(attempt)
    #expect(isAllowed(throttle.begin(account: "ann", network: network, device: nil, now: now)))
    #expect(isAllowed(throttle.begin(account: "bob", network: network, device: nil, now: now)))
    #expect(!isAllowed(throttle.begin(account: "cy", network: network, device: nil, now: now)))
  }

  @Test("the success that would have locked the address unlocks it")
  func lastSuccess() throws {
    var throttle = Fixtures.throttle(address: 1)
    let network = try Fixtures.network()
    for _ in 0..<3 {
      guard case .allowed(let attempt) = throttle.begin(account: "ann", network: network, device: nil, now: now) else {
        Issue.record("refused")
        return
      }
      throttle.succeeded(attempt)
    }
  }

  @Test("an attempt that was never checked is not counted")
  func withdrawn() throws {
    var throttle = Fixtures.throttle()
    let network = try Fixtures.network()
    for device in [nil, [1, 2, 3] as [UInt8]?] {
      for _ in 0..<100 {
        guard case .allowed(let attempt) = throttle.begin(account: "ann", network: network, device: device, now: now) else {
          Issue.record("refused")
          return
        }
        throttle.withdrawn(attempt)
      }
    }
    #expect(throttle.accounts.buckets.isEmpty)
    #expect(throttle.networks.buckets.isEmpty)
    #expect(throttle.devices.buckets.isEmpty)
  }

  @Test("strangers lock neither an account nor an address for a browser that the account is known from")
  func device() throws {
    var throttle = Fixtures.throttle(address: 10)
    let network = try Fixtures.network()
    for _ in 0..<100 { _ = throttle.begin(account: "ann", network: network, device: nil, now: now) }
    for i in 0..<100 { _ = throttle.begin(account: "u\(i)", network: network, device: nil, now: now) }
    guard case .allowed(let attempt) = throttle.begin(account: "ann", network: network, device: [1], now: now) else {
      Issue.record("refused")
      return
    }
    throttle.succeeded(attempt)
    #expect(!isAllowed(throttle.begin(account: "ann", network: network, device: nil, now: now)), "strangers stay locked out")
  }

  @Test("a known browser has its own limit")
  func deviceLimit() throws {
    var throttle = Fixtures.throttle()
    let network = try Fixtures.network()
    for _ in 0..<5 { #expect(isAllowed(throttle.begin(account: "ann", network: network, device: [1], now: now))) }
    #expect(until(throttle.begin(account: "ann", network: network, device: [1], now: now)) == now + 900)
    #expect(isAllowed(throttle.begin(account: "ann", network: network, device: [2], now: now)))
    #expect(isAllowed(throttle.begin(account: "ann", network: network, device: nil, now: now)))
  }

  @Test("ten thousand names from as many addresses stay within the bound")
  func bounded() throws {
    let shared = try Fixtures.network()
    var throttle = Fixtures.throttle(entries: 500)
    for i in 0..<10_000 {
      let network = ClientNetwork(family: 4, prefix: UInt64(i))
      _ = throttle.begin(account: "user\(i)", network: network, device: nil, now: now)
    }
    for i in 0..<1_000 {
      _ = throttle.begin(account: "ann", network: shared, device: [UInt8(i & 0xFF), UInt8(i >> 8)], now: now)
    }
    #expect(throttle.accounts.buckets.count <= 500)
    #expect(throttle.networks.buckets.count <= 500)
    #expect(throttle.devices.buckets.count <= 500)
  }

  @Test("other settings hold at once, and what was counted and locked is kept")
  func otherSettings() throws {
    var settings = ThrottleSettings()
    settings.account.count = 3
    var throttle = Throttle(settings: settings, entries: 100)
    let network = try #require(ClientNetwork(text: "192.0.2.1"))
    func begin(_ account: String) -> Bool {
      if case .allowed = throttle.begin(account: account, network: network, device: nil, now: 1000) { return true }
      return false
    }
    #expect(begin("ann") && begin("ann"))
    #expect(begin("bob") && begin("bob") && begin("bob") && !begin("bob"))
    settings.account.count = 10
    throttle.set(settings, entries: 100)
    #expect(begin("ann") && begin("ann"), "two failures and a higher limit")
    #expect(!begin("bob"), "a lock stays")
    settings.account.count = 1
    throttle.set(settings, entries: 100)
    #expect(begin("ann") && !begin("ann"), "the next failure reaches the limit")
    #expect(throttle.entries == 2)
  }
}
