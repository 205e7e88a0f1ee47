import Testing

@testable import Session

struct EmbeddedStoreSessionsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func store() throws -> EmbeddedStore { try EmbeddedStore(directory: directory.path, returnLimit: 10, now: 0) }

  @Test("what is kept of a session is there after a restart, until it is taken away")
  func restart() throws {
    let (one, two) = (SessionID.random(), SessionID.random())
    do {
      let store = try store()
      try store.keepSession(one) { [1, 2, 3] }
      try store.keepSession(two) { [4] }
      try store.keepSession(one) { [5] }
    }
    let store = try store()
    #expect(try Set(store.loadSessions().map(\.bytes)) == [[5], [4]])
    try store.keepSession(two) { nil }
    try store.keepSession(two) { nil }
    #expect(try store.loadSessions().map(\.bytes) == [[5]])
    for one in try store.loadSessions() { try store.forgetSession(at: one.path) }
    #expect(try store.loadSessions().isEmpty)
  }

  @Test("what is too large to be a session is not kept")
  func tooLarge() throws {
    let store = try store()
    #expect(throws: StoreError.tooLarge(what: "a session", maximum: EmbeddedStore.maximumSession)) {
      try store.keepSession(.random()) { [UInt8](repeating: 0, count: EmbeddedStore.maximumSession + 1) }
    }
  }

  @Test("a store without a directory keeps nothing")
  func memory() throws {
    let store = try EmbeddedStore(directory: nil, returnLimit: 10, now: 0)
    try store.keepSession(.random()) { [1] }
    #expect(try store.loadSessions().isEmpty)
  }
}
