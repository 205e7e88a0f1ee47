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
  private let descriptor: Int32

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

  func status() throws(FileError) -> FileStatus {
    var status = stat()
    // Safe: `status` lives for the call and is what fstat writes.
    guard unsafe fstat(descriptor, &status) == 0 else { throw error("examine") }
    return FileStatus(
      isRegular: status.st_mode & S_IFMT == S_IFREG, isDirectory: status.st_mode & S_IFMT == S_IFDIR, mode: status.st_mode & 0o7777,
      modified: Int64(status.st_mtim.tv_sec))
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

/// Whole files and directories.
enum FileAccess {
  /// Makes a directory that only its owner may enter; `false` if something of that name exists.
  static func makeDirectory(_ path: String) throws(FileError) -> Bool {
    // Safe: the path's bytes live for the call.
    if unsafe mkdir(path, 0o700) == 0 { return true }
    let code = errno
    guard code == EEXIST else { throw FileError(operation: "make the directory", path: path, code: code) }
    return false
  }

  /// The names in a directory, sorted, without those that begin with a dot.
  static func names(in path: String) throws(FileError) -> [String] {
    // Safe: `directory` is used here alone and closed on every way out; an entry is read before the next call to readdir, and its name
    // ends in NUL.
    guard let directory = unsafe opendir(path) else { throw FileError(operation: "list", path: path, code: errno) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The contents of a file; `nil` if it does not exist. More than `maximum` bytes are an error.
  static func contents(of path: String, maximum: Int) throws(FileError) -> [UInt8]? {
    let file: FileHandle
    do { file = try FileHandle(path, .read) } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard let bytes = try file.readAll(maximum: maximum) else { throw FileError(operation: "read", path: path, code: EFBIG) }
    return bytes
  }

  /// Puts `bytes` in place of what is at `path`: whoever reads it, also after a crash, finds the old contents or the new, whole.
  static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let temporary = path + ".new"
    let file = try FileHandle(temporary, .replace)
    try file.write(bytes)
    try file.synchronize()
    // Safe: both paths' bytes live for the call.
    guard unsafe rename(temporary, path) == 0 else { throw FileError(operation: "replace", path: path, code: errno) }
    try synchronizeDirectory(of: path)
  }

  /// Makes a file that appears at `path` with all its contents; `false`, and nothing changed, if there is one already.
  ///
  /// - Parameter temporary: a path in the same directory that nobody else uses.
  static func create(_ path: String, temporary: String, with bytes: [UInt8]) throws(FileError) -> Bool {
    let file = try FileHandle(temporary, .create)
    // Safe: the paths' bytes live for the calls.
    defer { unsafe unlink(temporary) }
    try file.write(bytes)
    try file.synchronize()
    if unsafe link(temporary, path) != 0 {
      let code = errno
      if code == EEXIST { return false }
      throw FileError(operation: "make", path: path, code: code)
    }
    try synchronizeDirectory(of: path)
    return true
  }

  private static func synchronizeDirectory(of path: String) throws(FileError) {
    let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try FileHandle(directory, .directory).synchronize()
  }
}
