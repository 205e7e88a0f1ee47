/// Checks of the files and folders that directives name. They only look.
extension LoadContext {
  /// The accounts file: its absolute path. One that is missing or that others may read is a warning.
  mutating func accountsFile(_ value: Value) -> String? {
    guard isPath(value) else { return nil }
    let path = files.absolute(value.path)
    switch files.status(path) {
    case .failure(.missing):
      warning(value.position, "\(value.path) does not exist yet: nobody can sign in until `anteroom passwd \(value.path) USER` makes it")
    case .failure(let failure):
      error(value.position, "the accounts file \(value.path) cannot be read: \(failure.reason) (make it readable for the gateway)")
      return nil
    case .success(let status):
      guard status.kind == .file else {
        error(value.position, "the accounts file \(value.path) is not a regular file (name a file with one account a line)")
        return nil
      }
      if status.othersMayRead {
        warning(value.position, "every user of this machine may read the accounts file \(value.path) (chmod o-r \(value.path))")
      }
    }
    return path
  }

  /// A file that must be there when the gateway starts: its absolute path.
  /// - Parameter isSecret: that others may read it is an error.
  mutating func neededFile(_ what: String, _ value: Value, isSecret: Bool = false) -> String? {
    guard isPath(value) else { return nil }
    let path = files.absolute(value.path)
    switch files.status(path) {
    case .failure(let failure):
      error(value.position, "\(what) \(value.path) cannot be read: \(failure.reason) (make it readable for the gateway)")
      return nil
    case .success(let status):
      guard status.kind == .file else {
        error(value.position, "\(what) \(value.path) is not a regular file (name a PEM file)")
        return nil
      }
      if isSecret, status.othersMayRead {
        error(value.position, "every user of this machine may read \(what) \(value.path) (chmod o-r \(value.path))")
        return nil
      }
    }
    return path
  }

  /// `CHAIN KEY`
  mutating func certificate(_ chain: Value, _ key: Value) -> CertificateFiles? {
    let chainPath = neededFile("the certificate", chain)
    let keyPath = neededFile("the key", key, isSecret: true)
    guard let chainPath, let keyPath else { return nil }
    return CertificateFiles(chain: chainPath, key: keyPath, position: chain.position)
  }

  /// A folder that the gateway makes when it starts: its absolute path.
  /// - Parameter value: the argument, or `nil` where the default holds.
  mutating func folder(_ name: String, _ value: Value?, at position: Position, writable: Bool) -> String? {
    if let value, !isPath(value) { return nil }
    let shown = value?.path ?? position.resolve(name)
    let path = files.absolute(shown)
    let place = value?.position ?? position
    switch files.status(path) {
    case .success(let status) where status.kind == .folder:
      if writable, !files.mayWrite(path) {
        error(place, "the \(name) folder \(shown) cannot be written to (give it to the user that the gateway runs as)")
        return nil
      }
      return path
    case .success:
      error(place, "\(shown) is not a folder (`\(name)` needs one)")
      return nil
    case .failure(.missing):
      return mayMake(path) ? path : cannotMake(name, shown, place)
    case .failure(let failure):
      error(place, "the \(name) folder \(shown) cannot be used: \(failure.reason) (give it to the user that the gateway runs as)")
      return nil
    }
  }

  private mutating func cannotMake(_ name: String, _ shown: String, _ place: Position) -> String? {
    error(
      place, "the \(name) folder \(shown) does not exist and cannot be made (make it, and give it to the user that the gateway runs as)")
    return nil
  }

  /// Whether the nearest folder above that exists may be written to.
  private func mayMake(_ path: String) -> Bool {
    var folder = path
    while folder != "/" {
      folder = Self.parent(of: folder)
      guard case .success(let status) = files.status(folder) else { continue }
      return status.kind == .folder && files.mayWrite(folder)
    }
    return false
  }

  /// The folder that an absolute path stands in; `/` for itself.
  private static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Keys that every user may read are as good as published, and who may write there puts in keys of his own.
  mutating func checkKeys(_ folder: String, at position: Position) {
    guard case .success(let status) = files.status(folder), case .success(let names) = files.list(folder) else { return }
    if status.mode & 0o002 != 0 { error(position, "every user of this machine may put keys into \(folder) (chmod o-w \(folder))") }
    let keys = names.filter { $0.hasSuffix(".key") }.sorted()
    if keys.isEmpty, !files.mayWrite(folder) {
      error(position, "\(folder) has no key, and none can be made there (copy the ring's *.key files into it, or make it writable)")
    }
    for name in keys.prefix(1000) {
      let path = folder + "/" + name
      guard case .success(let status) = files.status(path) else { continue }
      if status.kind != .file { error(position, "the key \(path) is not a regular file (take it out of the ring)") }
      if status.mode & 0o006 != 0 { error(position, "every user of this machine may read or change the key \(path) (chmod o-rw \(path))") }
    }
  }

  /// Where a log goes: an absolute path, or `.some(nil)` for standard error; `nil` after a diagnostic.
  mutating func logPath(_ value: Value) -> String?? {
    if value.text == "stderr" { return .some(nil) }
    if value.text == "stdout" {
      error(value.position, "`stdout` is not possible here (write `stderr`, or `/dev/stdout`)")
      return nil
    }
    guard isPath(value) else { return nil }
    let path = files.absolute(value.path)
    if case .success(let status) = files.status(path) {
      guard status.kind != .folder else {
        error(value.position, "\(value.path) is a folder (name a file in it)")
        return nil
      }
      return path
    }
    let folder = Self.parent(of: path)
    guard case .success(let status) = files.status(folder), status.kind == .folder, files.mayWrite(folder) else {
      error(value.position, "\(value.path) cannot be made (make the folder \(folder), and give it to the user that the gateway runs as)")
      return nil
    }
    return path
  }

  /// Where a Unix socket is to be made: its absolute path.
  mutating func socketPath(_ value: Value) -> String? {
    guard isPath(value) else { return nil }
    let path = files.absolute(value.path)
    guard path.utf8.count <= 107 else {
      error(value.position, "\(value.path) is too long for a socket: \(path.utf8.count) bytes from the root (at most 107)")
      return nil
    }
    let folder = Self.parent(of: path)
    switch files.status(folder) {
    case .success(let status) where status.kind == .folder:
      if status.mode & 0o002 != 0 {
        error(
          value.position, "every user of this machine may put a socket of their own into \(folder) (chmod o-w \(folder), or name another)")
        return nil
      }
      if files.mayWrite(folder) { return socketIsFree(path, value) ? path : nil }
    case .failure(.missing):
      let above = Self.parent(of: folder)
      if case .success(let status) = files.status(above), status.kind == .folder, files.mayWrite(above) { return path }
    default: break
    }
    error(value.position, "\(value.path) cannot be made (make the folder \(folder), and give it to the user that the gateway runs as)")
    return nil
  }

  private mutating func socketIsFree(_ path: String, _ value: Value) -> Bool {
    guard case .success(let status) = files.status(path), status.kind != .other else { return true }
    error(value.position, "\(value.path) is there already and is no socket (remove it, or name another path)")
    return false
  }

  /// Whether a value can be a path at all.
  mutating func isPath(_ value: Value) -> Bool {
    if (1...4096).contains(value.text.utf8.count), value.text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { return true }
    error(value.position, "`\(value.shown)` is not a path (1 to 4096 bytes without control characters)")
    return false
  }
}
