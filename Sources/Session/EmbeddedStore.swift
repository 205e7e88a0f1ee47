import Crypto
import Synchronization

/// The store of a gateway that stands alone: memory, and a state directory for what must survive a restart.
///
/// One process has the directory at a time, and may hand it over to the next (`EmbeddedStore+Handover.swift`). Without a directory (for a demonstration) nothing survives.
package final class EmbeddedStore: SessionStore {
  struct Unwritten {
    var revocations: [Revocation] = []
    var now: Int64 = 0
  }

  struct Files {
    let directory: String
    /// Held as long as the store lives.
    let lock: FileHandle
    let journal: RevocationJournal

    var locks: String { directory + "/locks" }
  }

  enum Backing {
    case files(Files)
    /// The files are another process's by now, which is asked to keep what is new.
    case successor(Files, keep: @Sendable ([Revocation]) -> Bool)
    case memory(locks: [UInt8]?)
  }

  private static let locksHeader = [UInt8]("anteroom locks 1\n".utf8)
  private static let digestCount = 32

  /// As the contract has it.
  package let revocations: Revocations
  /// What an operator must hear about what was found on the disk; empty when all was well.
  package let warnings: [String]
  let returns: PendingReturns
  let unwritten: Mutex<Unwritten>
  // Held during writes: never on an event loop.
  let backing: Mutex<Backing>
  /// Earlier processes that still have connections, and hear of every revocation.
  let followers = Mutex<[Int: @Sendable ([Revocation]) -> Void]>([:])
  /// Hears of return addresses that are kept from now on.
  let returnHeir = Mutex<(@Sendable (PendingReturn) -> Void)?>(nil)

  /// Opens the state directory, making it (mode 0700) if absent, and reads the revocations that are in force at `now`. Waits for the disk.
  ///
  /// - Parameters:
  ///   - directory: its path; `nil` keeps everything in memory alone.
  ///   - returnLimit: how many pending return addresses are kept at once, each at most 16 KB: `Limits.pendingReturns`.
  ///   - revocationLimit: how many revocations may be in force at once.
  ///   - lock: the descriptor of the lock of an earlier process, which still has the directory: nothing is written before `takeOver`.
  package init(directory: String?, returnLimit: Int, revocationLimit: Int = 1 << 20, lock inherited: Int32? = nil, now: Int64)
    throws(StoreError)
  {
    returns = PendingReturns(limit: returnLimit)
    unwritten = Mutex(Unwritten(now: now))
    guard let directory else {
      revocations = Revocations(limit: revocationLimit)
      warnings = []
      backing = Mutex(.memory(locks: nil))
      return
    }
    let path = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    let lock = try Self.take(path, inherited)
    let journal = RevocationJournal(path: path + "/revocations")
    let contents: RevocationJournal.Contents
    do throws(FileError) {
      contents = try journal.read()
      let current = contents.revocations.filter { $0.until > now }
      // A limit that was lowered forgets nobody who has logged out.
      revocations = Revocations(limit: max(revocationLimit, current.count))
      for revocation in current { _ = revocations.insert(revocation, now: now) }
      if inherited == nil { try journal.rewrite(current) }
    } catch {
      throw .file(error)
    }
    warnings = Self.warnings(contents, path: path + "/revocations")
    backing = Mutex(.files(Files(directory: path, lock: lock, journal: journal)))
  }

  package func revoke(_ id: SessionID, until: Int64, now: Int64) throws(StoreError) {
    let revocation = Revocation(id: id, until: until)
    guard revocations.insert(revocation, now: now) else { throw .full(what: "revoked sessions", limit: revocations.limit) }
    unwritten.withLock { unwritten in
      unwritten.revocations.append(revocation)
      unwritten.now = max(unwritten.now, now)
    }
  }

  package func flush() throws(StoreError) {
    try backing.withLock { (backing) throws(StoreError) in
      // Taken under the lock of the file: whoever waited for another's write finds its own revocation written.
      let (new, now) = unwritten.withLock { unwritten in
        defer { unwritten.revocations = [] }
        return (unwritten.revocations, unwritten.now)
      }
      tellFollowers(new)
      do throws(StoreError) { try write(new, backing, now: now) } catch {
        if case .successor = backing { unwritten.withLock { $0.revocations = new + $0.revocations } }
        throw error
      }
    }
  }

  /// For whoever holds the lock of `backing`.
  func write(_ new: [Revocation], _ backing: Backing, now: Int64) throws(StoreError) {
    switch backing {
    case .memory: break
    case .files(let files):
      do throws(FileError) { try files.journal.write(new: new) { revocations.current(now: now) } } catch { throw .file(error) }
    case .successor(_, let keep): guard new.isEmpty || keep(new) else { throw .noSuccessor }
    }
  }

  /// - Parameter from: the one that knows already.
  func tellFollowers(_ new: [Revocation], from: Int? = nil) {
    guard !new.isEmpty else { return }
    for (number, tell) in followers.withLock({ $0 }) where number != from { tell(new) }
  }

  package func putReturn(_ bytes: [UInt8], from source: [UInt8], lifetime: Int64, now: Int64) throws(StoreError) -> [UInt8] {
    guard bytes.count <= StoreLimits.pendingReturn else { throw .tooLarge(what: "a return address", maximum: StoreLimits.pendingReturn) }
    guard let id = returns.put(bytes, from: source, expires: now + lifetime, now: now) else {
      throw .full(what: "pending return addresses", limit: returns.limit)
    }
    returnHeir.withLock { $0 }?(PendingReturn(id: id, bytes: bytes, source: source, expires: now + lifetime))
    return id
  }

  /// How many return addresses are kept, and how many may be.
  package var pendingReturns: (count: Int, limit: Int) { (returns.count, returns.limit) }

  /// Sets how many return addresses may be kept from now on; those that are kept already stay.
  package func setReturnLimit(_ limit: Int) { returns.setLimit(limit) }

  package func pendingReturn(_ id: [UInt8], now: Int64) throws(StoreError) -> [UInt8]? {
    returns.get(id, now: now)
  }

  package func saveLocks(_ locks: [UInt8]) throws(StoreError) {
    guard locks.count <= StoreLimits.locks else { throw .tooLarge(what: "login locks", maximum: StoreLimits.locks) }
    try backing.withLock { (backing) throws(StoreError) in
      switch backing {
      case .memory: backing = .memory(locks: locks)
      // Those of the successor are newer.
      case .successor: break
      case .files(let files):
        let bytes = Self.locksHeader + SHA256.hash(locks) + locks
        do throws(FileError) { try StateFiles.replace(files.locks, with: bytes) } catch { throw .file(error) }
      }
    }
  }

  package func loadLocks() throws(StoreError) -> [UInt8]? {
    try backing.withLock { (backing) throws(StoreError) -> [UInt8]? in
      switch backing {
      case .memory(let locks): locks
      case .files(let files), .successor(let files, _): try Self.readLocks(files.locks)
      }
    }
  }

  private static func readLocks(_ path: String) throws(StoreError) -> [UInt8]? {
    let contents: [UInt8]?
    let start = locksHeader.count + digestCount
    do { contents = try StateFiles.contents(of: path, maximum: start + StoreLimits.locks) } catch { throw .file(error) }
    guard let contents else { return nil }
    guard contents.count >= start, contents.starts(with: locksHeader) else { throw .damaged(path: path) }
    let locks = Array(contents[start...])
    guard SHA256.hash(locks) == Array(contents[locksHeader.count..<start]) else { throw .damaged(path: path) }
    return locks
  }

  /// Makes the directory if need be, and takes it for this store alone.
  private static func take(_ path: String, _ inherited: Int32?) throws(StoreError) -> FileHandle {
    let status: FileStatus
    let lock: FileHandle
    let isOurs: Bool
    do throws(FileError) {
      _ = try StateFiles.makeDirectory(path)
      status = try FileHandle(path, .directory).status()
      let file = try FileHandle(path + "/lock", .append)
      // A lock belongs to the open file: whoever inherits that has the lock too, until the last of them is gone.
      lock = try inherited.map { descriptor throws(FileError) in try FileHandle(adopting: descriptor, path: path + "/lock") } ?? file
      isOurs = try inherited == nil ? lock.lock() : lock.status().identity == file.status().identity
    } catch {
      throw error.isNotDirectory ? .notDirectory(path: path) : .file(error)
    }
    guard !status.othersMayWrite else { throw .writableDirectory(path: path, mode: status.octalMode) }
    guard isOurs else { throw .inUse(path: path) }
    return lock
  }

  private static func warnings(_ contents: RevocationJournal.Contents, path: String) -> [String] {
    guard contents.damaged > 0 else { return [] }
    return [
      "\(path): \(contents.damaged) damaged records were dropped: sessions that had been logged out may open again until they end"
        + " (to end every session, replace the keys)"
    ]
  }
}
