import Testing

@testable import Session

@Suite struct EmbeddedStoreTests {
  let place: TemporaryDirectory
  var path: String { place.path + "/state" }

  init() throws { place = try TemporaryDirectory() }

  func open(now: Int64 = 1_000, revocationLimit: Int = 100) throws(StoreError) -> EmbeddedStore {
    try EmbeddedStore(directory: path, returnLimit: 10, revocationLimit: revocationLimit, now: now)
  }

  func failure(_ path: String) -> StoreError? {
    do {
      _ = try EmbeddedStore(directory: path, returnLimit: 10, now: 1_000)
      return nil
    } catch {
      return error
    }
  }

  @Test("the directory and its files are the owner's alone")
  func modes() throws {
    let store = try open()
    try store.revoke(.random(), until: 2_000, now: 1_000)
    try store.flush()
    try store.saveLocks([1])
    #expect(try place.mode("state") == 0o700)
    for name in ["lock", "locks", "revocations"] { #expect(try place.mode("state/" + name) == 0o600) }
  }

  @Test("flushed revocations and saved locks survive a restart, expired ones do not")
  func restart() throws {
    let (long, short) = (SessionID.random(), SessionID.random())
    do {
      let store = try open()
      try store.revoke(long, until: 3_000, now: 1_000)
      try store.flush()
      try store.revoke(short, until: 2_000, now: 1_000)
      try store.flush()
      try store.saveLocks([4, 5, 6])
    }
    do {
      let store = try open(now: 1_500)
      let view = RevocationView(store.revocations)
      #expect(view.contains(long, now: 1_500))
      #expect(view.contains(short, now: 1_500))
      #expect(try store.loadLocks() == [4, 5, 6])
      #expect(store.warnings.isEmpty)
    }
    let store = try open(now: 2_500)
    #expect(store.revocations.current(now: 2_500) == [Revocation(id: long, until: 3_000)])
    #expect(try place.read("state/revocations").count == RevocationJournal.header.count + 32)
  }

  @Test("what was not flushed is written with the next flush")
  func together() throws {
    let ids = (0..<5).map { _ in SessionID.random() }
    do {
      let store = try open()
      for id in ids { try store.revoke(id, until: 2_000, now: 1_000) }
      try store.flush()
    }
    let view = RevocationView(try open().revocations)
    for id in ids { #expect(view.contains(id, now: 1_000)) }
  }

  @Test("a torn last record costs itself alone, quietly, and new ones are whole after it")
  func torn() throws {
    let ids = (0..<3).map { _ in SessionID.random() }
    do {
      let store = try open()
      for id in ids.prefix(2) { try store.revoke(id, until: 2_000, now: 1_000) }
      try store.flush()
    }
    try place.write("state/revocations", Array(try place.read("state/revocations").dropLast(5)))
    do {
      let store = try open()
      #expect(store.warnings.isEmpty)
      try store.revoke(ids[2], until: 2_000, now: 1_000)
      try store.flush()
    }
    let view = RevocationView(try open().revocations)
    #expect(ids.map { view.contains($0, now: 1_000) } == [true, false, true])
  }

  @Test("a damaged record in the middle is reported with what it means, and the rest load")
  func damaged() throws {
    let ids = (0..<3).map { _ in SessionID.random() }
    do {
      let store = try open()
      for id in ids { try store.revoke(id, until: 2_000, now: 1_000) }
      try store.flush()
    }
    var bytes = try place.read("state/revocations")
    bytes[RevocationJournal.header.count + 33] ^= 1
    try place.write("state/revocations", bytes)
    do {
      let store = try open()
      #expect(store.warnings.count == 1)
      #expect(store.warnings.first?.contains("1 damaged") == true)
      #expect(store.warnings.first?.contains("replace the keys") == true)
      let view = RevocationView(store.revocations)
      #expect(ids.map { view.contains($0, now: 1_000) } == [true, false, true])
    }
    #expect(try open().warnings.isEmpty, "it is told once: the file has been written anew")
  }

  @Test("a limit that was lowered forgets nobody who has logged out")
  func loweredLimit() throws {
    let ids = (0..<5).map { _ in SessionID.random() }
    do {
      let store = try open()
      for id in ids { try store.revoke(id, until: 2_000, now: 1_000) }
      try store.flush()
    }
    #expect(try open(revocationLimit: 2).revocations.current(now: 1_000).count == 5)
  }

  @Test("a second one on the same directory gets a clear error, until the first is gone")
  func inUse() throws {
    var first: EmbeddedStore? = try open()
    #expect(first != nil)
    #expect(failure(path) == .inUse(path: path))
    #expect(failure(path)?.description.contains("another process uses the state directory") == true)
    first = nil
    #expect(failure(path) == nil)
  }

  @Test("a directory that others may write to, a file, and a missing parent are errors")
  func wrongPlaces() throws {
    try place.write("file", [])
    #expect(failure(place.path + "/file") == .notDirectory(path: place.path + "/file"))
    guard case .file(let cause) = failure(place.path + "/no/state") else {
      Issue.record("no error")
      return
    }
    #expect(cause.isMissing)
    #expect(failure(path + "/") == nil)
    try place.setMode("state", 0o777)
    #expect(failure(path) == .writableDirectory(path: path, mode: "0777"))
  }

  @Test("locks that are not what was saved are an error, never other locks", arguments: [0, 20, 49, 51])
  func damagedLocks(offset: Int) throws {
    let store = try open()
    try store.saveLocks([1, 2, 3])
    var bytes = try place.read("state/locks")
    bytes[offset] ^= 1
    try place.write("state/locks", bytes)
    #expect(throws: StoreError.damaged(path: path + "/locks")) { try store.loadLocks() }
    try place.write("state/locks", Array(bytes.prefix(offset)))
    #expect(throws: StoreError.damaged(path: path + "/locks")) { try store.loadLocks() }
  }

  @Test("a flush that fails says so; the next one that can write makes everything durable")
  func failedFlush() throws {
    let ids = (0..<2).map { _ in SessionID.random() }
    do {
      // Every record beyond the first 4096 makes the file be written anew, here into a directory that is in the way.
      let store = try EmbeddedStore(directory: path, returnLimit: 10, now: 1_000)
      for _ in 0..<4_100 { try store.revoke(.random(), until: 1_001, now: 1_000) }
      try store.revoke(ids[0], until: 2_000, now: 1_000)
      try place.makeDirectory("state/revocations.new")
      #expect(throws: StoreError.self) { try store.flush() }
      #expect(RevocationView(store.revocations).contains(ids[0], now: 1_000))
      #expect(throws: StoreError.self) { try store.flush() }
      try place.remove("state/revocations.new")
      try store.flush()
      try store.revoke(ids[1], until: 2_000, now: 1_000)
      try store.flush()
    }
    let view = RevocationView(try open(now: 1_001).revocations)
    for id in ids { #expect(view.contains(id, now: 1_001)) }
  }
}
