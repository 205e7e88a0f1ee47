import Glibc

/// The machine's own file system.
package enum SystemFiles {
  /// What the loader takes. The current folder is read once, here.
  package static var access: FileAccess {
    FileAccess(currentFolder: currentFolder(), read: read, status: status, list: list, mayWrite: mayWrite)
  }

  private static func currentFolder() -> String {
    // Safe: the buffer is valid for the whole call, and getcwd ends what it writes with a NUL.
    let path = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> String? in
      guard let base = buffer.baseAddress, unsafe getcwd(base, buffer.count) != nil else { return nil }
      return unsafe String(cString: base)
    }
    return path ?? "/"
  }

  private static func read(_ path: String, _ limit: Int) -> Result<[UInt8], FileAccess.Failure> {
    guard isUsable(path) else { return .failure(.missing) }
    // Without O_NONBLOCK, opening a pipe would wait for its writer. Safe: the path's bytes are used during the call only.
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { return .failure(failure(errno)) }
    defer { close(descriptor) }
    var information = stat()
    // Safe: the address is used during the call only.
    guard unsafe fstat(descriptor, &information) == 0 else { return .failure(failure(errno)) }
    guard information.st_mode & S_IFMT == S_IFREG else { return .failure(.wrongKind) }
    return readAll(descriptor, limit)
  }

  private static func readAll(_ descriptor: Int32, _ limit: Int) -> Result<[UInt8], FileAccess.Failure> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = chunk.count
      // Safe: the array's storage holds `count` bytes and is not kept after the call.
      let got = unsafe Glibc.read(descriptor, &chunk, count)
      if got < 0 {
        if errno == EINTR { continue }
        return .failure(failure(errno))
      }
      if got == 0 { return .success(bytes) }
      bytes.append(contentsOf: chunk[..<got])
      if bytes.count > limit { return .failure(.tooLarge) }
    }
  }

  private static func status(_ path: String) -> Result<FileAccess.Status, FileAccess.Failure> {
    guard isUsable(path) else { return .failure(.missing) }
    var information = stat()
    // Safe: the address is used during the call only.
    guard unsafe stat(path, &information) == 0 else { return .failure(failure(errno)) }
    let kind: FileAccess.Kind =
      switch information.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    return .success(.init(kind: kind, mode: information.st_mode & 0o7777))
  }

  private static func list(_ folder: String) -> Result<[String], FileAccess.Failure> {
    guard isUsable(folder) else { return .failure(.missing) }
    // Safe: the stream is closed below and used by this thread alone; an entry is valid until the next readdir.
    guard let stream = unsafe opendir(folder) else { return .failure(failure(errno)) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      // Safe: d_name ends with a NUL within the entry.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return .success(names)
  }

  private static func mayWrite(_ folder: String) -> Bool {
    // Safe: the path's bytes are used during the call only.
    unsafe isUsable(folder) && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0
  }

  /// A NUL would cut the path for the system, and another file would be meant.
  private static func isUsable(_ path: String) -> Bool { !path.utf8.contains(0) }

  private static func failure(_ number: Int32) -> FileAccess.Failure {
    switch number {
    case ENOENT: .missing
    case ENOTDIR: .missing
    case EACCES, EPERM: .denied
    case EISDIR: .wrongKind
    default: .system(number)
    }
  }
}
