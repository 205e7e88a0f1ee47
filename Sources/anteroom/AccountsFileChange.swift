import Glibc
import Login

/// Puts one account's hash into an accounts file, so that whoever reads the file finds the old contents or the new, whole.
struct AccountsFileChange {
  enum Outcome: Equatable { case added, changed }

  /// What the file was like before.
  private struct Original {
    var bytes: [UInt8] = []
    var status: stat?
  }

  /// The file itself, where `path` was a symbolic link to it.
  let path: String
  private let folder: String
  private let name: String

  private static let linkLimit = 40
  private static let lockTries = 50

  /// - Parameter path: as the user named it; the file need not exist.
  init(path: String) throws(CommandFault) {
    self.path = try Self.target(of: path)
    let target = self.path
    if let slash = target.lastIndex(of: "/") {
      folder = slash == target.startIndex ? "/" : String(target[..<slash])
      name = String(target[target.index(after: slash)...])
    } else {
      folder = "."
      name = target
    }
    guard !name.isEmpty, name != ".", name != ".." else {
      throw CommandFault("\(path) is a folder", "name the accounts file in it")
    }
  }

  /// Follows the links that the last component names, also to a file that is still to be made.
  private static func target(of path: String) throws(CommandFault) -> String {
    var path = path
    for _ in 0..<linkLimit {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      // Safe: at most the buffer's size is written, and the count says how much was.
      let count = unsafe readlink(path, &buffer, buffer.count)
      guard count > 0 else { return path }
      let link = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if link.hasPrefix("/") {
        path = link
      } else {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        path = folder + link
      }
    }
    throw CommandFault("\(path) is a symbolic link that leads nowhere", "name the file itself")
  }

  /// Finds what can be found before anybody is asked for a password: a name that cannot be one, a file that cannot be read.
  func check(user: String) throws(CommandFault) {
    let original = try read()
    do throws(AccountsEditor.Fault) {
      // No hash yet: that is the fault of a change that is sound otherwise.
      _ = try AccountsEditor.set(original.bytes, user: user, hash: "")
    } catch {
      if error == .userName { throw CommandFault("`\(user.prefix(64))` is \(error)") }
    }
    // Safe: the path lives for the call.
    guard unsafe access(folder, W_OK | X_OK) == 0 else {
      throw CommandFault("nothing can be written in the folder \(folder)", errno, "make it, or become who may write there")
    }
  }

  /// Sets the hash of `user`, in its line or in a new one.
  func set(user: String, hash: String) throws(CommandFault) -> Outcome {
    // Against another change at the same time, which would otherwise be lost.
    // Safe: the path lives for the call.
    let directory = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw CommandFault("the folder \(folder) cannot be opened", errno, "make it, or become who may read it") }
    defer { close(directory) }
    try lock(directory)
    let original = try read()
    let edited: [UInt8]
    do throws(AccountsEditor.Fault) { edited = try AccountsEditor.set(original.bytes, user: user, hash: hash) } catch {
      throw CommandFault("\(path): \(error)")
    }
    try replace(original, with: edited)
    fsync(directory)
    return Self.isAddition(from: original.bytes, to: edited) ? .added : .changed
  }

  /// Whether a line was appended: a changed one leaves no file that begins as before and ends in a new line.
  static func isAddition(from old: [UInt8], to new: [UInt8]) -> Bool { new.last == UInt8(ascii: "\n") && new.starts(with: old) }

  private func lock(_ directory: Int32) throws(CommandFault) {
    for _ in 0..<Self.lockTries {
      // File systems that cannot lock a folder do without.
      if flock(directory, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return }
      usleep(100_000)
    }
    throw CommandFault("another program keeps the folder \(folder) locked", "try again when it is done")
  }

  private func read() throws(CommandFault) -> Original {
    // Safe: paths and buffers live for the calls, with their sizes. Without O_NONBLOCK, a FIFO would wait for its writer.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return Original() }
      throw CommandFault("\(path) cannot be read", code, "check the path, or become who may read it")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFault("\(path) is not a file", "name the accounts file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= AccountsFile.maximumCount {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandFault("\(path) cannot be read", errno, "check the disk")
      }
      if count == 0 { return Original(bytes: bytes, status: status) }
      bytes += chunk[..<count]
    }
    throw CommandFault("\(path) is larger than 4 MB", "name the accounts file, or take out what is not an account")
  }

  private func replace(_ original: Original, with bytes: [UInt8]) throws(CommandFault) {
    var template = [UInt8]("\(folder)/.\(name).XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
    // Safe here and below: the arrays end in NUL and live for the calls. The new file is readable by its owner alone.
    let descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw CommandFault("nothing can be written in \(folder)", errno, "become who may write there") }
    var isDone = false
    defer {
      close(descriptor)
      if !isDone { unsafe unlink(template) }
    }
    if let status = original.status { try keep(status, descriptor) }
    try write(bytes, descriptor)
    guard fsync(descriptor) == 0 else { throw CommandFault("\(path) cannot be written", errno, "check the disk") }
    guard unsafe rename(template, path) == 0 else { throw CommandFault("\(path) cannot be replaced", errno, "become its owner, or root") }
    isDone = true
  }

  /// Gives the new file the owner and the mode of the old one.
  private func keep(_ status: stat, _ descriptor: Int32) throws(CommandFault) {
    var own = stat()
    guard unsafe fstat(descriptor, &own) == 0 else { throw CommandFault("\(path) cannot be replaced", errno, "check the disk") }
    if own.st_uid != status.st_uid || own.st_gid != status.st_gid {
      guard fchown(descriptor, status.st_uid, status.st_gid) == 0 else {
        throw CommandFault("\(path) belongs to somebody else", "run this as its owner, or as root")
      }
    }
    guard fchmod(descriptor, status.st_mode & 0o7777) == 0 else {
      throw CommandFault("\(path) cannot keep its mode", errno, "become its owner, or root")
    }
  }

  private func write(_ bytes: [UInt8], _ descriptor: Int32) throws(CommandFault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      let code = errno
      if count < 0, code == EINTR { continue }
      guard count > 0 else { throw CommandFault("\(path) cannot be written", code, "make room on the disk") }
      rest = rest.dropFirst(count)
    }
  }
}
