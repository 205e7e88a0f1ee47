import Config
import EventLoop
import Login
import Session
import Synchronization
import Testing

@testable import Gateway

@Suite struct LockKeeperTests {
  let log: LogFixture
  static let now: Int64 = 1_800_000_000

  init() throws { log = try LogFixture() }

  private func settings(_ names: [String] = ["one.test", "two.test"]) throws -> Settings {
    let sites = names.map { name in
      Site(
        name: name, hosts: [.exact(name)], upstreams: [UpstreamAddress(host: "127.0.0.1", port: 9)],
        logins: [LoginSettings(.password(PasswordLoginSettings(users: log.directory.file("users.passwd"))))])
    }
    return Settings(
      Configuration(
        file: "gateway.conf", workers: 1, listeners: [], keys: "", state: "", log: EventLog(), accessLog: .off, audit: "", limits: Limits(),
        sites: sites, shutdownTimeout: .seconds(1)))
  }

  private func keeper(_ settings: Settings, _ store: any SessionStore, _ pool: BlockingPool, now: Int64 = now) -> LockKeeper {
    LockKeeper(settings: settings, store: store, pool: pool, events: log.events) { now }
  }

  private func lock(_ site: SiteSettings, _ account: String) throws {
    let network = try #require(ClientNetwork(text: "192.0.2.1"))
    site.memory.throttle.withLock { throttle in
      for _ in 0..<5 { _ = throttle.begin(account: account, network: network, device: nil, now: Self.now) }
    }
  }

  private func isLocked(_ site: SiteSettings, _ account: String, now: Int64 = now) throws -> Bool {
    let network = try #require(ClientNetwork(text: "198.51.100.1"))
    return site.memory.throttle.withLock { throttle in
      if case .refused = throttle.begin(account: account, network: network, device: nil, now: now) { true } else { false }
    }
  }

  @Test("locks come back after a restart, each on its own site")
  func roundTrip() throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 4)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    let before = try settings()
    try lock(before.sites[0], "ann")
    try lock(before.sites[1], "bob")
    keeper(before, store, pool).save()
    let after = try settings(["two.test", "one.test"])
    keeper(after, store, pool, now: Self.now + 10).restore()
    #expect(try isLocked(after.sites[1], "ann"))
    #expect(try !isLocked(after.sites[0], "ann"))
    #expect(try isLocked(after.sites[0], "bob"))
    #expect(try !isLocked(after.sites[1], "bob"))
    #expect(try !isLocked(after.sites[1], "ann", now: Self.now + 901))
  }

  @Test("a store without locks, and locks of a site that is gone, are nothing to speak of")
  func nothing() throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 4)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    keeper(try settings(), store, pool).restore()
    let before = try settings()
    try lock(before.sites[0], "ann")
    keeper(before, store, pool).save()
    let after = try settings(["three.test"])
    keeper(after, store, pool).restore()
    #expect(try !isLocked(after.sites[0], "ann"))
    #expect(log.lines.isEmpty)
  }

  @Test("damaged bytes cost the rest of the locks and are told; what came before the damage holds", arguments: [1, 3, 10])
  func damaged(cut: Int) throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 4)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    let before = try settings()
    try lock(before.sites[0], "ann")
    try lock(before.sites[1], "bob")
    keeper(before, store, pool).save()
    let saved = try #require(try store.loadLocks())
    try store.saveLocks(Array(saved.dropLast(cut)))
    let after = try settings()
    keeper(after, store, pool).restore()
    #expect(try isLocked(after.sites[0], "ann"))
    #expect(try !isLocked(after.sites[1], "bob"))
    #expect(log.lines.filter { $0.contains("damaged") }.count == 1)
  }

  @Test("several requests to save while one waits are one save, and a later one is another")
  func once() throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 2)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    let settings = try settings()
    let keeper = keeper(settings, store, pool)
    let gate = try pool.hold()
    defer { gate.signal() }
    for _ in 0..<10 { keeper.saveSoon() }
    let hasRoom = pool.offer {}
    let isFull = !pool.offer {}
    #expect(hasRoom && isFull, "one of the two places was taken by the ten")
    try lock(settings.sites[0], "ann")
    gate.signal()
    pool.catchUp()
    let first = try #require(try store.loadLocks())
    try lock(settings.sites[1], "bob")
    keeper.saveSoon()
    pool.catchUp()
    #expect(try #require(try store.loadLocks()).count > first.count)
  }

  @Test("a save that found the queue full does not stand in the way of the next")
  func queueFull() throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 1)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    let keeper = keeper(try settings(), store, pool)
    let gate = try pool.hold()
    defer { gate.signal() }
    #expect(pool.offer {})
    keeper.saveSoon()
    gate.signal()
    pool.catchUp()
    #expect(try store.loadLocks() == nil)
    keeper.saveSoon()
    pool.catchUp()
    #expect(try store.loadLocks() != nil)
  }

  @Test("after a hand-over nothing is saved here, until it is taken back")
  func handOver() throws {
    let pool = try BlockingPool(name: "locks", threads: 1, limit: 4)
    defer { pool.finish() }
    let store = try EmbeddedStore(directory: nil, returnLimit: 1, now: Self.now)
    let settings = try settings()
    let keeper = keeper(settings, store, pool)
    keeper.handOver()
    let before = try store.loadLocks()
    #expect(before != nil)
    try lock(settings.sites[0], "ann")
    keeper.save()
    #expect(try store.loadLocks() == before)
    keeper.takeBack()
    keeper.save()
    #expect(try store.loadLocks() != before)
  }
}
