import Dispatch
import EventLoop
import Glibc
import Testing

@testable import Gateway

@Suite struct WatchedAccountsTests {
  let log: LogFixture
  let accounts: WatchedAccounts

  init() throws {
    log = try LogFixture()
    accounts = WatchedAccounts(path: log.directory.file("users.passwd"))
  }

  @Test("a missing file means that nobody can sign in, and says so once")
  func missing() {
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 0)
    #expect(accounts.version == 1)
    accounts.refresh(events: log.events)
    #expect(accounts.version == 1)
    #expect(log.lines.filter { $0.contains("no accounts file") && $0.contains("anteroom passwd") }.count == 1)
  }

  @Test("a file is read when it appears, and again when it changes, and not otherwise")
  func changes() throws {
    accounts.refresh(events: log.events)
    try log.directory.write("users.passwd", Fixtures.accounts)
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 2)
    #expect(accounts.version == 2)
    accounts.refresh(events: log.events)
    #expect(accounts.version == 2)
    try log.directory.write("users.passwd", "ann:\(Fixtures.bcrypt)\n")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 1)
    #expect(accounts.version == 3)
  }

  @Test("a file that is empty counts only when it is seen so twice, since an editor may empty it before it writes")
  func emptied() throws {
    try log.directory.write("users.passwd", Fixtures.accounts)
    accounts.refresh(events: log.events)
    try log.directory.write("users.passwd", "")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 2 && accounts.version == 1)
    try log.directory.write("users.passwd", Fixtures.accounts)
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 2 && accounts.version == 2)
    try log.directory.write("users.passwd", "# nobody\n")
    accounts.refresh(events: log.events)
    #expect(accounts.version == 2, "another empty file: the first look at it")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 0 && accounts.version == 3)
    try log.directory.write("users.passwd", "")
    accounts.refresh(events: log.events)
    #expect(accounts.version == 4, "there was nobody before either")
  }

  @Test("a reading waits for the one before it, so that the older one never takes the newer one's place")
  func oneAtATime() throws {
    let path = log.directory.file("users.passwd")
    #expect(mkfifo(path, 0o600) == 0)
    let (accounts, events) = (accounts, log.events)
    let pool = try BlockingPool(name: "readers", threads: 2, limit: 2)
    defer { pool.finish() }
    let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    #expect(
      pool.offer {
        accounts.refresh(events: events)
        first.signal()
      })
    // Opens once the other end is open: now that reading is under way.
    let end = open(path, O_WRONLY)
    try #require(end >= 0)
    try log.directory.write("users.passwd", "ann:\(Fixtures.bcrypt)\n")
    #expect(
      pool.offer {
        accounts.refresh(events: events)
        second.signal()
      })
    let hasWaited = second.wait(timeout: .now() + 0.2) == .timedOut
    #expect(hasWaited)
    let older = [UInt8](Fixtures.accounts.utf8)
    #expect(write(end, older, older.count) == older.count)
    close(end)
    first.wait()
    if hasWaited { second.wait() }
    #expect(accounts.accounts.count == 1)
  }

  @Test("a file that goes away takes its accounts along")
  func removed() throws {
    try log.directory.write("users.passwd", Fixtures.accounts)
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 2)
    try log.directory.remove("users.passwd")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 0)
    #expect(accounts.version == 2)
  }

  @Test("a file that cannot be read any more leaves nobody, since whoever it named may be gone from it")
  func unreadable() throws {
    try log.directory.write("users.passwd", Fixtures.accounts)
    accounts.refresh(events: log.events)
    try log.directory.remove("users.passwd")
    try log.directory.makeDirectory("users.passwd")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 0)
    #expect(log.lines.contains { $0.contains(" error ") && $0.contains("cannot be read") })
  }

  @Test("a broken line costs one account, and the log says which line without what it holds")
  func faults() throws {
    try log.directory.write("users.passwd", Fixtures.accounts + "eve:$1$broken$hash\n")
    accounts.refresh(events: log.events)
    #expect(accounts.accounts.count == 2)
    #expect(log.lines.contains { $0.contains("left out") && $0.contains("3") })
    #expect(!log.lines.contains { $0.contains("$1$broken") })
  }
}
