import Audit
import Config
import Login
import Synchronization

/// An accounts file that is read again when it changes. Loops hold on to the accounts they saw last and ask only for the version.
final class WatchedAccounts: Sendable {
  /// `nil` where there is no password login: nobody has an account then.
  let path: String?
  private let current = Mutex(Accounts([]))
  private let seen = Mutex<FileStamp?>(nil)
  private let refreshing = Mutex<Void>(())
  // A version of the file that held nobody; it counts once it is seen a second time.
  private let emptied = Mutex<FileStamp?>(nil)
  private let number = Atomic<UInt64>(0)

  init(path: String?) { self.path = path }

  /// Changes whenever the accounts do.
  var version: UInt64 { number.load(ordering: .acquiring) }

  var accounts: Accounts { current.withLock { $0 } }

  /// An editor may empty a file before it writes it anew: everybody's session would end in between. The first look at an empty file is
  /// therefore left to the next one, unless there was nobody before either.
  private func isConfirmedEmpty(_ stamp: FileStamp?) -> Bool {
    guard current.withLock({ $0.count }) > 0 else { return true }
    let isKnown = emptied.withLock { emptied in
      defer { emptied = stamp }
      return emptied == stamp
    }
    if !isKnown { seen.withLock { $0 = nil } }
    return isKnown
  }

  /// Reads the file if it is not the one read last. A file that cannot be read leaves no account: whoever it named may be gone from it.
  /// Blocks: for start-up and the pool.
  func refresh(events: Events) {
    // One at a time, so that no older reading takes the place of a newer one.
    refreshing.withLock { _ in refreshNow(events) }
  }

  private func refreshNow(_ events: Events) {
    guard let path else { return }
    let stamp = FileStamp.of(path)
    let isNew = seen.withLock { seen in
      guard seen != stamp || number.load(ordering: .acquiring) == 0 else { return false }
      seen = stamp
      return true
    }
    guard isNew else { return }
    let accounts: Accounts
    if stamp == nil {
      accounts = Accounts([])
      events.warning("no accounts file: nobody can sign in (make one with: anteroom passwd FILE USER)", ["file": path])
    } else if let bytes = FileStamp.read(path, limit: 64 << 20) {
      let file = AccountsFile(bytes, file: path)
      if file.accounts.count == 0, !isConfirmedEmpty(stamp) { return }
      for fault in file.faults { events.warning("an account is left out", ["fault": "\(fault)"]) }
      accounts = file.accounts
      events.info("accounts read", ["file": path, "accounts": "\(accounts.count)"])
    } else {
      accounts = Accounts([])
      events.error("the accounts file cannot be read: nobody can sign in (let this process read it)", ["file": path])
    }
    emptied.withLock { $0 = nil }
    current.withLock { $0 = accounts }
    number.add(1, ordering: .acquiringAndReleasing)
  }
}
