import CLinux
import Glibc
import Synchronization

// Paths end in NUL and live for the calls; structures are our own: that is why `unsafe` is safe throughout this file.

/// A Unix socket that listens, for its owner and root alone. It goes with its path when nobody needs it any more.
package final class LocalListener: Sendable {
  /// Why it cannot listen, with the mend.
  package struct Fault: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ what: String, _ mend: String) { description = "\(what) (\(mend))" }
  }

  package let path: String
  /// For a process that takes the place over.
  package let descriptor: Int32
  private let inode: UInt64
  private let wakeUp: Int32
  // Whether the path is to go at the end.
  private let hasPlace: Atomic<Bool>
  private let isEnded = Atomic<Bool>(false)
  private static let lockTries = 50

  /// Listens at an absolute path. The folder is made (mode 0700) if it is absent, and must not be open to others; the socket of a process that
  /// is gone is replaced.
  package init(path: String) throws(Fault) {
    self.path = path
    let folder = Self.folder(of: path)
    let lock = try Self.openFolder(folder)
    defer { close(lock) }
    // Of two that start at the same time, one finds the other's socket.
    try Self.takeLock(lock, folder)
    try Self.clear(path)
    descriptor = anteroom_unix_socket()
    // The mode that the socket's file gets, whatever the process's umask.
    guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else { throw Self.fault(path, "make it", anteroom_errno()) }
    guard unsafe anteroom_unix_bind(descriptor, path) == 0 else {
      let code = anteroom_errno()
      close(descriptor)
      throw Self.fault(path, "bind", code)
    }
    var status = stat()
    guard Glibc.listen(descriptor, 16) == 0, unsafe lstat(path, &status) == 0 else {
      let code = anteroom_errno()
      close(descriptor)
      unsafe unlink(path)
      throw Self.fault(path, "listen", code)
    }
    inode = UInt64(status.st_ino)
    hasPlace = Atomic(true)
    wakeUp = anteroom_eventfd(0)
  }

  /// Goes on where another process listens, at its socket: the path is that one's until `takePlace`.
  package init(adopting descriptor: Int32, path: String) throws(Fault) {
    var status = stat()
    guard anteroom_adopt(descriptor) == 0, unsafe lstat(path, &status) == 0 else {
      throw Self.fault(path, "take it over", anteroom_errno())
    }
    self.path = path
    self.descriptor = descriptor
    inode = UInt64(status.st_ino)
    hasPlace = Atomic(false)
    wakeUp = anteroom_eventfd(0)
  }

  deinit {
    end()
    close(descriptor)
    close(wakeUp)
  }

  /// From now on the path goes with this one.
  package func takePlace() { hasPlace.store(true, ordering: .releasing) }

  /// Another process has taken the place: the path stays there for it.
  package func leavePlace() { hasPlace.store(false, ordering: .releasing) }

  /// The next connection; `nil` once `end` was called.
  package func accept() -> LocalConnection? {
    while !isEnded.load(ordering: .acquiring) {
      anteroom_wait_for_either(descriptor, wakeUp)
      guard !isEnded.load(ordering: .acquiring) else { return nil }
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let accepted = unsafe anteroom_accept4(descriptor, &storage, &length)
      if accepted >= 0 { return LocalConnection(descriptor: accepted) }
      // Out of descriptors: those who wait stay in the queue until there is one.
      let code = anteroom_errno()
      if code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS { usleep(100_000) }
    }
    return nil
  }

  /// Listens no more, takes the path away, and has `accept` return.
  package func end() {
    guard !isEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var status = stat()
    if hasPlace.load(ordering: .acquiring) {
      // Not that of another process which has put its own there.
      if unsafe lstat(path, &status) == 0, UInt64(status.st_ino) == inode { unsafe unlink(path) }
      // Whoever connects by a name that it opened before is turned away.
      shutdown(descriptor, Int32(SHUT_RDWR))
    }
    _ = eventfd_write(wakeUp, 1)
  }

  // MARK: The place

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  private static func openFolder(_ folder: String) throws(Fault) -> Int32 {
    if unsafe mkdir(folder, 0o700) != 0, anteroom_errno() != EEXIST {
      throw fault(folder, "make the folder", anteroom_errno())
    }
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault(folder, "open the folder", anteroom_errno()) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & 0o002 == 0 else {
      close(descriptor)
      throw Fault("every user of this machine may put a socket of their own into \(folder)", "chmod o-w \(folder), or name another folder")
    }
    return descriptor
  }

  private static func takeLock(_ descriptor: Int32, _ folder: String) throws(Fault) {
    for _ in 0..<lockTries {
      // File systems that cannot lock a folder do without.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || anteroom_errno() != EWOULDBLOCK { return }
      usleep(100_000)
    }
    throw Fault("another program keeps the folder \(folder) locked", "try again when it is done")
  }

  /// Takes the socket away that a process has left behind.
  private static func clear(_ path: String) throws(Fault) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Fault("\(path) is there already and is no socket", "remove it, or name another path")
    }
    do throws(SystemError) { _ = try LocalConnection(to: path) } catch {
      guard error.code == ECONNREFUSED else {
        throw Fault("\(path) belongs to another process: \(error)", "stop that process, or name another path")
      }
      unsafe unlink(path)
      return
    }
    throw Fault("another process answers at \(path)", "stop that process, or name another path")
  }

  private static func fault(_ path: String, _ what: String, _ code: Int32) -> Fault {
    Fault("\(path): \(SystemError("unix socket", code)) (\(what))", "name a path whose folder this process may write to")
  }
}
