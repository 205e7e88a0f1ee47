/// What must be known beyond one cookie and one thread. Every store keeps the same contract; `Tests/SessionTests/SessionStoreContract.swift`
/// is the contract as tests.
///
/// All times are seconds since 1970 UTC. Methods may be called from any thread.
package protocol SessionStore: Sendable {
  /// What each event loop makes its `RevocationView` from. Reading it never waits.
  var revocations: Revocations { get }

  /// Ends a session that would otherwise last until `until` (`SessionContent.notAfter`). When this returns, every loop of this process
  /// refuses it from its next request on; `flush` makes that survive a restart. Never waits.
  ///
  /// Throws `StoreError.full` when there are as many revocations as may be.
  func revoke(_ id: SessionID, until: Int64, now: Int64) throws(StoreError)

  /// Returns when every revocation made before the call is durable. Waits for the disk: call it on the blocking pool, and answer a logout
  /// after it. Calls at the same time share one write. After an error the next call writes everything again.
  func flush() throws(StoreError)

  /// Keeps a return address of at most `StoreLimits.pendingReturn` bytes, sealed by the caller, for `lifetime` seconds under a random id
  /// of 16 bytes. Short, but a shared store may wait.
  ///
  /// When `source` (the client's network) has its share, or there are as many as may be, older ones are forgotten: first its own, and never
  /// those of a source that has fewer than another. Throws `StoreError.full` where none may be kept, `.tooLarge` for more bytes.
  func putReturn(_ bytes: [UInt8], from source: [UInt8], lifetime: Int64, now: Int64) throws(StoreError) -> [UInt8]

  /// The return address under `id`, as long as it has not expired; it is not used up. Short, but a shared store may wait.
  func pendingReturn(_ id: [UInt8], now: Int64) throws(StoreError) -> [UInt8]?

  /// Keeps the login throttle's locks, at most `StoreLimits.locks` bytes, in place of those kept before. Waits for the disk: call it
  /// on the blocking pool.
  func saveLocks(_ locks: [UInt8]) throws(StoreError)

  /// The locks saved last; `nil` if none ever were. Waits for the disk.
  func loadLocks() throws(StoreError) -> [UInt8]?
}

/// Bounds that every store keeps.
package enum StoreLimits {
  /// Bytes of one pending return address.
  package static let pendingReturn = 16 << 10
  /// Bytes of the login throttle's locks.
  package static let locks = 64 << 20
}

/// Why a store cannot do what it is asked, with the mend.
package enum StoreError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  case notDirectory(path: String)
  /// Another process has the state directory.
  case inUse(path: String)
  /// Others may change what is kept.
  case writableDirectory(path: String, mode: String)
  /// The process that has taken the state directory over does not answer.
  case noSuccessor
  /// The file is not what was saved.
  case damaged(path: String)
  /// As many of these as may be kept at once.
  case full(what: String, limit: Int)
  case tooLarge(what: String, maximum: Int)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .notDirectory(let path): "\(path) is not a directory (name the directory for what must survive a restart)"
    case .inUse(let path): "another process uses the state directory \(path) (stop it, or give this one a directory of its own)"
    case .writableDirectory(let path, let mode): "others may write to \(path) (mode \(mode)) (run: chmod o-w \(path))"
    case .noSuccessor: "the process that has taken over does not answer (look at its log)"
    case .damaged(let path): "\(path) is damaged (remove it; the locks it held are lost)"
    case .full(let what, let limit): "there are \(limit) \(what) already, and no more are kept"
    case .tooLarge(let what, let maximum): "\(what) of more than \(maximum) bytes cannot be kept"
    }
  }
}
