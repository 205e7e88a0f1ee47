import Glibc

/// A folder that only its owner may enter, for as long as a program runs.
package struct TemporaryFolder: Sendable {
  /// Absolute.
  package let path: String

  /// Why there is none, with the mend.
  package struct Fault: Error, CustomStringConvertible {
    package let description: String
  }

  /// Makes one (mode 0700) with a name of its own.
  /// - Parameters:
  ///   - parent: a folder that exists; an empty or relative path means `/tmp`.
  ///   - prefix: how its name begins.
  package init(in parent: String, prefix: String) throws(Fault) {
    let parent = parent.hasPrefix("/") ? parent : "/tmp"
    let template = (parent.hasSuffix("/") ? parent : parent + "/") + prefix + "XXXXXX"
    var name = template.utf8.map { CChar(bitPattern: $0) } + [0]
    // Safe: mkdtemp writes within the array, which ends in NUL, and keeps its length.
    guard unsafe mkdtemp(&name) != nil else {
      let code = errno
      throw Fault(description: "no temporary folder can be made in \(parent): \(Self.text(code)) (set TMPDIR to a folder of yours)")
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Makes a file in it that only its owner may read.
  package func write(_ name: String, _ bytes: [UInt8]) throws(Fault) {
    // Safe: the path lives for the call, and so do the bytes, with their count.
    let descriptor = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Fault(description: "cannot make \(path)/\(name): \(Self.text(errno))") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      let code = errno
      if count < 0, code == EINTR { continue }
      guard count > 0 else { throw Fault(description: "cannot write \(path)/\(name): \(Self.text(code)) (is the disk full?)") }
      rest = rest.dropFirst(count)
    }
  }

  /// Removes it and what is in it. Links are removed, never followed.
  package func remove() { Self.remove(path, depth: 0) }

  private static func remove(_ path: String, depth: Int) {
    if depth < 8 {
      for name in names(in: path) {
        let entry = path + "/" + name
        // Safe: the path lives for the call. A folder is not unlinked: that one is emptied first.
        if unsafe unlink(entry) != 0 { remove(entry, depth: depth + 1) }
      }
    }
    _ = unsafe rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    // Safe: the stream is used here alone and closed at the end; an entry is read before the next one is asked for.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    guard let stream = unsafe fdopendir(descriptor) else {
      close(descriptor)
      return []
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func text(_ code: Int32) -> String {
    // Safe: strerror's answer is copied at once.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
