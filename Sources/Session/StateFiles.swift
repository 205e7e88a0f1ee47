import Glibc

/// Whole files and directories of what must survive a restart.
enum StateFiles {
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
  /// - Parameter outlastsPower: false for what may be lost when the machine, not only this process, ends at once.
  static func replace(_ path: String, with bytes: [UInt8], outlastsPower: Bool = true) throws(FileError) {
    let temporary = path + ".new"
    let file = try FileHandle(temporary, .replace)
    try file.write(bytes)
    if outlastsPower { try file.synchronize() }
    // Safe: both paths' bytes live for the call.
    guard unsafe rename(temporary, path) == 0 else { throw FileError(operation: "replace", path: path, code: errno) }
    if outlastsPower { try synchronizeDirectory(of: path) }
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

  /// Takes a file away; one that does not exist is no error.
  static func remove(_ path: String) throws(FileError) {
    // Safe: the path's bytes live for the call.
    if unsafe unlink(path) != 0, errno != ENOENT { throw FileError(operation: "remove", path: path, code: errno) }
  }

  private static func synchronizeDirectory(of path: String) throws(FileError) {
    let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try FileHandle(directory, .directory).synchronize()
  }
}
