import Glibc

/// What tells one version of a file from another.
struct FileStamp: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int64
  private let nanoseconds: Int64
  // Moves when the file's mode or owner does.
  private let changedSeconds: Int64
  private let changedNanoseconds: Int64

  /// `nil` where there is no such file.
  static func of(_ path: String) -> FileStamp? {
    var status = stat()
    // Safe: the structure is our own, and the path is NUL-terminated for the call.
    guard unsafe stat(path, &status) == 0 else { return nil }
    return FileStamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
      nanoseconds: Int64(status.st_mtim.tv_nsec), changedSeconds: Int64(status.st_ctim.tv_sec),
      changedNanoseconds: Int64(status.st_ctim.tv_nsec))
  }

  /// All bytes of a file; `nil` if it cannot be read or has more than `limit`.
  static func read(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      // Safe: the kernel writes at most `piece.count` bytes into our own array.
      let count = unsafe Glibc.read(descriptor, &piece, piece.count)
      guard count >= 0 else { return nil }
      if count == 0 { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= limit else { return nil }
    }
  }
}
