import Glibc
import Synchronization
import Testing

@testable import Session

@Suite struct EmbeddedStoreHandoverTests {
  let place: TemporaryDirectory
  var path: String { place.path + "/state" }

  init() throws { place = try TemporaryDirectory() }

  private func open(lock: Int32? = nil, limit: Int = 100) throws(StoreError) -> EmbeddedStore {
    try EmbeddedStore(directory: path, returnLimit: 10, revocationLimit: limit, lock: lock, now: 1_000)
  }

  /// As a process has it that inherited the descriptor.
  private func inherited(_ store: EmbeddedStore) throws -> Int32 { dup(try #require(store.lockDescriptor)) }

  private final class Kept: Sendable {
    let revocations = Mutex<[Revocation]>([])
    let returns = Mutex<[PendingReturn]>([])
    let works = Atomic<Bool>(true)
  }

  private func handOver(_ store: EmbeddedStore, to kept: Kept) throws -> [PendingReturn] {
    try store.handOver(
      now: 1_000,
      keep: { new in
        guard kept.works.load(ordering: .relaxed) else { return false }
        kept.revocations.withLock { $0 += new }
        return true
      }, heir: { pending in kept.returns.withLock { $0.append(pending) } })
  }

  private func isRevoked(_ id: SessionID, _ store: EmbeddedStore) -> Bool { RevocationView(store.revocations).contains(id, now: 1_000) }

  @Test("the lock goes to whoever inherits it, and to nobody else until both are gone")
  func lock() throws {
    var old: EmbeddedStore? = try open()
    #expect(throws: StoreError.inUse(path: path)) { try open() }
    var new: EmbeddedStore? = try open(lock: try inherited(#require(old)))
    old = nil
    #expect(throws: StoreError.inUse(path: path)) { try open() }
    #expect(new?.lockDescriptor != nil)
    new = nil
    _ = try open()
  }

  @Test("a descriptor of something else is no lock")
  func wrongLock() throws {
    #expect(throws: StoreError.inUse(path: path)) { try open(lock: dup(2)) }
  }

  @Test("what the old one wrote at the last moment is known to the new one, which writes from then on")
  func turn() throws {
    let old = try open()
    let (early, late, last) = (SessionID.random(), SessionID.random(), SessionID.random())
    try old.revoke(early, until: 2_000, now: 1_000)
    try old.flush()
    let new = try open(lock: try inherited(old))
    #expect(isRevoked(early, new) && !isRevoked(late, new))
    try old.revoke(late, until: 2_000, now: 1_000)
    // Not flushed: handing over does that.
    let kept = Kept()
    #expect(try handOver(old, to: kept).isEmpty)
    try new.takeOver(now: 1_000)
    #expect(isRevoked(late, new) && new.revocations.count == 2)
    try old.revoke(last, until: 2_000, now: 1_000)
    try old.flush()
    #expect(kept.revocations.withLock { $0 } == [Revocation(id: last, until: 2_000)])
    #expect(RevocationJournal.decode(try place.read("state/revocations")).revocations.count == 2)
    try new.take(kept.revocations.withLock { $0 }, from: 1, now: 1_000)
    #expect(RevocationJournal.decode(try place.read("state/revocations")).revocations.count == 3)
  }

  @Test("a logout that the successor cannot keep has failed, and is tried again")
  func failure() throws {
    let old = try open()
    let kept = Kept()
    _ = try handOver(old, to: kept)
    kept.works.store(false, ordering: .relaxed)
    let id = SessionID.random()
    try old.revoke(id, until: 2_000, now: 1_000)
    #expect(throws: StoreError.noSuccessor) { try old.flush() }
    #expect(isRevoked(id, old))
    kept.works.store(true, ordering: .relaxed)
    try old.flush()
    #expect(kept.revocations.withLock { $0.map(\.id) } == [id])
  }

  @Test("taken back, the files are the old one's again, whatever the other one has written")
  func takenBack() throws {
    let old = try open()
    let new = try open(lock: try inherited(old))
    let kept = Kept()
    kept.works.store(false, ordering: .relaxed)
    _ = try handOver(old, to: kept)
    try new.takeOver(now: 1_000)
    let id = SessionID.random()
    try old.revoke(id, until: 2_000, now: 1_000)
    #expect(throws: StoreError.noSuccessor) { try old.flush() }
    try old.takeBack()
    #expect(RevocationJournal.decode(try place.read("state/revocations")).revocations.map(\.id) == [id])
    try old.saveLocks([1, 2])
    #expect(try new.loadLocks() == [1, 2])
  }

  @Test("after handing over no locks are saved")
  func locks() throws {
    let old = try open()
    try old.saveLocks([1])
    _ = try handOver(old, to: Kept())
    try old.saveLocks([2])
    #expect(try old.loadLocks() == [1])
  }

  @Test("each hears of what the others revoke, and nobody of their own")
  func followers() throws {
    let store = try open()
    let (one, other) = (Kept(), Kept())
    store.setFollower(1) { new in one.revocations.withLock { $0 += new } }
    store.setFollower(2) { new in other.revocations.withLock { $0 += new } }
    let (mine, theirs, learnt) = (SessionID.random(), SessionID.random(), SessionID.random())
    try store.revoke(mine, until: 2_000, now: 1_000)
    try store.flush()
    try store.take([Revocation(id: theirs, until: 2_000)], from: 1, now: 1_000)
    store.learn([Revocation(id: learnt, until: 2_000)], now: 1_000)
    #expect(one.revocations.withLock { $0.map(\.id) } == [mine, learnt])
    #expect(other.revocations.withLock { $0.map(\.id) } == [mine, theirs, learnt])
    for id in [mine, theirs, learnt] { #expect(isRevoked(id, store)) }
    store.setFollower(1, tell: nil)
    try store.revoke(.random(), until: 2_000, now: 1_000)
    try store.flush()
    #expect(one.revocations.withLock { $0.count } == 2)
  }

  @Test("a limit that was lowered too far ends the turn rather than forgetting a logout")
  func limit() throws {
    let old = try open()
    let new = try open(lock: try inherited(old), limit: 1)
    for _ in 0..<2 { try old.revoke(.random(), until: 2_000, now: 1_000) }
    _ = try handOver(old, to: Kept())
    #expect(throws: StoreError.full(what: "revoked sessions", limit: 1)) { try new.takeOver(now: 1_000) }
  }

  @Test("return addresses go along, those that come later too")
  func returns() throws {
    let old = try open()
    let first = try old.putReturn([1], from: [9], lifetime: 50, now: 1_000)
    _ = try old.putReturn([2], from: [9], lifetime: -1, now: 1_000)
    let kept = Kept()
    let all = try handOver(old, to: kept)
    #expect(all.map(\.bytes) == [[1]] && all[0].id == first && all[0].expires == 1_050)
    let second = try old.putReturn([3], from: [9], lifetime: 50, now: 1_000)
    let new = try EmbeddedStore(directory: nil, returnLimit: 10, now: 1_000)
    for pending in all + kept.returns.withLock({ $0 }) { new.take(pending, now: 1_000) }
    #expect(try new.pendingReturn(first, now: 1_049) == [1] && new.pendingReturn(second, now: 1_000) == [3])
    #expect(try new.pendingReturn(first, now: 1_050) == nil)
  }
}
