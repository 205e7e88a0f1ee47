/// The state directory goes from one process to the next, while both have connections: the later one writes, and each hears of what the other
/// revokes.
extension EmbeddedStore {
  // MARK: In the process that goes

  /// The lock of the state directory, for the process that takes it over; `nil` without a directory.
  package var lockDescriptor: Int32? {
    backing.withLock { backing in
      switch backing {
      case .files(let files), .successor(let files, _): files.lock.descriptor
      case .memory: nil
      }
    }
  }

  /// Writes what is not written yet, and nothing from then on: new revocations go to another process.
  /// - Parameters:
  ///   - keep: comes back when they are durable there; false when they may not be.
  ///   - heir: hears of return addresses that are kept from now on. Never waits.
  /// - Returns: the return addresses that are kept so far.
  package func handOver(
    now: Int64, keep: @escaping @Sendable ([Revocation]) -> Bool, heir: @escaping @Sendable (PendingReturn) -> Void
  ) throws(StoreError) -> [PendingReturn] {
    try flush()
    backing.withLock { backing in
      if case .files(let files) = backing { backing = .successor(files, keep: keep) }
    }
    returnHeir.withLock { $0 = heir }
    return returns.all(now: now)
  }

  /// The other process is gone: the files are this one's again. What it may have written is written anew.
  package func takeBack() throws(StoreError) {
    returnHeir.withLock { $0 = nil }
    backing.withLock { backing in
      guard case .successor(let files, _) = backing else { return }
      files.journal.file = nil
      backing = .files(files)
    }
    try flush()
  }

  /// Refuses sessions that the successor has ended.
  package func learn(_ new: [Revocation], now: Int64) {
    for revocation in new { _ = revocations.insert(revocation, now: now) }
    tellFollowers(new)
  }

  // MARK: In the process that comes

  /// Reads what the earlier process has written since this store was made, which will write nothing more, and takes the files over.
  package func takeOver(now: Int64) throws(StoreError) {
    try backing.withLock { (backing) throws(StoreError) in
      guard case .files(let files) = backing else { return }
      do {
        let known = Set(revocations.current(now: now).map(\.id))
        for revocation in try files.journal.read().revocations where revocation.until > now && !known.contains(revocation.id) {
          // A limit that was lowered forgets nobody who has logged out: then the earlier process goes on.
          guard revocations.insert(revocation, now: now) else { throw StoreError.full(what: "revoked sessions", limit: revocations.limit) }
        }
        try files.journal.rewrite(revocations.current(now: now))
      } catch let error as StoreError {
        throw error
      } catch let error as FileError {
        throw .file(error)
      } catch {
        throw .damaged(path: files.directory)
      }
    }
  }

  /// Has an earlier process, under a number of its own, hear of every revocation from now on; `nil` for no more. `tell` may wait a moment.
  package func setFollower(_ number: Int, tell: (@Sendable ([Revocation]) -> Void)?) { followers.withLock { $0[number] = tell } }

  /// Ends the sessions that an earlier process has ended. When this returns that is durable.
  package func take(_ new: [Revocation], from follower: Int, now: Int64) throws(StoreError) {
    for revocation in new where !revocations.insert(revocation, now: now) {
      throw .full(what: "revoked sessions", limit: revocations.limit)
    }
    try backing.withLock { (backing) throws(StoreError) in
      tellFollowers(new, from: follower)
      try write(new, backing, now: now)
    }
  }

  /// Keeps a return address of an earlier process.
  package func take(_ pending: PendingReturn, now: Int64) { returns.add(pending, now: now) }
}
