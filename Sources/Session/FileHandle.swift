import Glibc

/// A system call that failed: what it was to do, on which file, and why.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// A verb, such as `open`.
  package let operation: String
  /// The file as it was named.
  package let path: String
  /// `errno`.
  package let code: Int32

  package var description: String {
    // Safe: strerror gives a text that ends in NUL, and it is copied at once.
    unsafe "cannot \(operation) \(path): \(String(cString: strerror(code)))"
  }

  var isMissing: Bool { code == ENOENT }
  var isNotDirectory: Bool { code == ENOTDIR || code == EEXIST }

  static func missing(_ path: String) -> FileError { FileError(operation: "open", path: path, code: ENOENT) }
}

/// What `fstat` tells about a file.
struct FileStatus {
  let isRegular: Bool
  let isDirectory: Bool
  /// The permission bits.
  let mode: UInt32
  /// Last change of the contents, in seconds since 1970 UTC.
  let modified: Int64
  /// Which file it is.
  let identity: [UInt64]

  var othersMayRead: Bool { mode & 0o004 != 0 }
  var othersMayWrite: Bool { mode & 0o002 != 0 }
  /// As `ls` and `chmod` write it.
  var octalMode: String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

/// An open file or directory, closed with its last reference. Not `Sendable`.
final class FileHandle {
  enum Access {
    case read, directory
    /// Made if absent, emptied if not; readable by the owner alone.
    case replace
    /// Must not be there yet; readable by the owner alone.
    case create
    /// Writes at the end; made if absent; readable by the owner alone.
    case append
  }

  let path: String
  /// For a process that takes it over.
  let descriptor: Int32

  init(_ path: String, _ access: Access) throws(FileError) {
    let flags =
      switch access {
      // Without O_NONBLOCK, opening a FIFO would wait for its writer.
      case .read: O_RDONLY | O_NONBLOCK
      case .directory: O_RDONLY | O_DIRECTORY
      case .replace: O_WRONLY | O_CREAT | O_TRUNC
      case .create: O_WRONLY | O_CREAT | O_EXCL
      case .append: O_WRONLY | O_CREAT | O_APPEND
      }
    // Safe: the path's bytes live for the call.
    descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
    let code = errno
    self.path = path
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: code) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Takes over an open file that this process was started with.
  init(adopting descriptor: Int32, path: String) throws(FileError) {
    self.descriptor = descriptor
    self.path = path
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw error("take over") }
  }

  func status() throws(FileError) -> FileStatus {
    var status = stat()
    // Safe: `status` lives for the call and is what fstat writes.
    guard unsafe fstat(descriptor, &status) == 0 else { throw error("examine") }
    return FileStatus(
      isRegular: status.st_mode & S_IFMT == S_IFREG, isDirectory: status.st_mode & S_IFMT == S_IFDIR, mode: status.st_mode & 0o7777,
      modified: Int64(status.st_mtim.tv_sec), identity: [UInt64(status.st_dev), UInt64(status.st_ino)])
  }

  /// Everything from the beginning on; `nil` if that is more than `maximum` bytes.
  func readAll(maximum: Int) throws(FileError) -> [UInt8]? {
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(maximum + 1, 64 << 10))
    while contents.count <= maximum {
      // Safe: at most `chunk.count` bytes are written to `chunk`, which lives for the call.
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw error("read")
      }
      if count == 0 { return contents }
      contents += chunk[0..<count]
    }
    return nil
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    var written = 0
    while written < bytes.count {
      // Safe: the bytes from `written` on live for the call, and no more than those are read.
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress.map { unsafe $0 + written }, $0.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw error("write")
      }
      written += count
    }
  }

  /// Returns when the disk has what was written.
  func synchronize() throws(FileError) {
    while fsync(descriptor) != 0 {
      let code = errno
      if code == EINTR { continue }
      // Some network file systems cannot synchronise a directory; they have no cache of it to lose.
      if code == EINVAL { return }
      throw FileError(operation: "synchronise", path: path, code: code)
    }
  }

  /// Takes the file for this open handle alone, until it is closed; `false` if another one has it.
  func lock() throws(FileError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      if code == EWOULDBLOCK { return false }
      throw FileError(operation: "lock", path: path, code: code)
    }
    return true
  }

  private func error(_ operation: String) -> FileError {
    FileError(operation: operation, path: path, code: errno)
  }
}
