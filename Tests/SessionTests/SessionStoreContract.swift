import Testing

@testable import Session

/// A kind of store, and a way to open it anew on what an earlier one of the same place left.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
  case memory, directory
  var testDescription: String { rawValue }

  func open(_ place: TemporaryDirectory, returnLimit: Int = 4, revocationLimit: Int = 8, now: Int64 = 1_000) throws -> any SessionStore {
    switch self {
    case .memory: try EmbeddedStore(directory: nil, returnLimit: returnLimit, revocationLimit: revocationLimit, now: now)
    case .directory:
      try EmbeddedStore(directory: place.path + "/state", returnLimit: returnLimit, revocationLimit: revocationLimit, now: now)
    }
  }
}

/// What every session store keeps to, whatever is behind it.
@Suite struct SessionStoreContract {
  let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  @Test("a revoked session is known to every loop at once, before it is durable; others are not", arguments: StoreKind.allCases)
  func revoke(kind: StoreKind) throws {
    let store = try kind.open(place)
    let (one, two) = (RevocationView(store.revocations), RevocationView(store.revocations))
    let (id, other) = (SessionID.random(), SessionID.random())
    #expect(!one.contains(id, now: 1_000))
    try store.revoke(id, until: 2_000, now: 1_000)
    for view in [one, two] {
      #expect(view.contains(id, now: 1_000))
      #expect(!view.contains(other, now: 1_000))
    }
    try store.flush()
    #expect(one.contains(id, now: 1_999))
    #expect(!one.contains(id, now: 2_000))
  }

  @Test("revoking twice, and flushing with nothing to write, are no errors", arguments: StoreKind.allCases)
  func idempotent(kind: StoreKind) throws {
    let store = try kind.open(place)
    try store.flush()
    let id = SessionID.random()
    try store.revoke(id, until: 2_000, now: 1_000)
    try store.revoke(id, until: 2_000, now: 1_000)
    try store.flush()
    try store.flush()
    #expect(RevocationView(store.revocations).contains(id, now: 1_000))
  }

  @Test("revocations are bounded: a further one is refused, none in force is dropped", arguments: StoreKind.allCases)
  func bounded(kind: StoreKind) throws {
    let store = try kind.open(place)
    let ids = (0..<8).map { _ in SessionID.random() }
    for id in ids { try store.revoke(id, until: 2_000, now: 1_000) }
    #expect(throws: StoreError.full(what: "revoked sessions", limit: 8)) {
      try store.revoke(.random(), until: 2_000, now: 1_999)
    }
    let view = RevocationView(store.revocations)
    for id in ids { #expect(view.contains(id, now: 1_999)) }
    try store.revoke(.random(), until: 3_000, now: 2_000)
  }

  @Test("a return address comes back as often as it is asked for, until it expires", arguments: StoreKind.allCases)
  func returns(kind: StoreKind) throws {
    let store = try kind.open(place)
    let one = try store.putReturn([1, 2, 3], from: [1], lifetime: 100, now: 1_000)
    let two = try store.putReturn([], from: [2], lifetime: 200, now: 1_000)
    #expect(one.count == 16)
    #expect(one != two)
    #expect(try store.pendingReturn(one, now: 1_000) == [1, 2, 3])
    #expect(try store.pendingReturn(one, now: 1_099) == [1, 2, 3])
    #expect(try store.pendingReturn(one, now: 1_100) == nil)
    #expect(try store.pendingReturn(two, now: 1_100) == [])
    #expect(try store.pendingReturn([UInt8](repeating: 0, count: 16), now: 1_000) == nil)
    #expect(try store.pendingReturn([], now: 1_000) == nil)
  }

  @Test(
    "return addresses are bounded in size and number; a flood from some sources pushes out none of another's",
    arguments: StoreKind.allCases)
  func boundedReturns(kind: StoreKind) throws {
    let store = try kind.open(place, returnLimit: 40)
    let largest = [UInt8](repeating: 1, count: 16 << 10)
    let first = try store.putReturn(largest, from: [1], lifetime: 100, now: 1_000)
    #expect(throws: StoreError.tooLarge(what: "a return address", maximum: 16 << 10)) {
      try store.putReturn(largest + [1], from: [1], lifetime: 100, now: 1_000)
    }
    let flood = try (0..<200).map { try store.putReturn([1], from: [UInt8(2 + $0 % 7)], lifetime: 100, now: 1_000) }
    #expect(try store.pendingReturn(first, now: 1_099) == largest)
    #expect(try flood.filter { try store.pendingReturn($0, now: 1_099) != nil }.count == 39)
    #expect(try store.pendingReturn(flood[199], now: 1_099) == [1])
  }

  @Test("where no return address may be kept the store is full", arguments: StoreKind.allCases)
  func noReturns(kind: StoreKind) throws {
    let store = try kind.open(place, returnLimit: 0)
    #expect(throws: StoreError.full(what: "pending return addresses", limit: 0)) {
      try store.putReturn([1], from: [1], lifetime: 100, now: 1_000)
    }
  }

  @Test("the locks saved last are loaded; before any were, none are", arguments: StoreKind.allCases)
  func locks(kind: StoreKind) throws {
    let store = try kind.open(place)
    #expect(try store.loadLocks() == nil)
    let locks = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try store.saveLocks(locks)
    #expect(try store.loadLocks() == locks)
    try store.saveLocks([])
    #expect(try store.loadLocks() == [])
  }

  @Test("many threads may use it at once", arguments: StoreKind.allCases)
  func concurrent(kind: StoreKind) async throws {
    let store = try kind.open(place, returnLimit: 1_000, revocationLimit: 1_000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let view = RevocationView(store.revocations)
          for n in 0..<20 {
            let id = SessionID.random()
            try store.revoke(id, until: 2_000, now: 1_000)
            try store.flush()
            #expect(view.contains(id, now: 1_000))
            let address = try store.putReturn([UInt8(n)], from: [UInt8(n)], lifetime: 10, now: 1_000)
            #expect(try store.pendingReturn(address, now: 1_000) == [UInt8(n)])
            try store.saveLocks([UInt8(n)])
            _ = try store.loadLocks()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(store.revocations.current(now: 1_000).count == 160)
  }
}
