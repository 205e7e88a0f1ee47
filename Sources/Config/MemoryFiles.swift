/// A small file system in memory: for tests, and for a gateway that runs without files.
package struct MemoryFiles: Sendable {
  package struct File: Sendable {
    package var bytes: [UInt8]
    package var mode: UInt32

    package init(_ text: String, mode: UInt32 = 0o600) {
      bytes = [UInt8](text.utf8)
      self.mode = mode
    }

    package init(bytes: [UInt8], mode: UInt32 = 0o600) {
      self.bytes = bytes
      self.mode = mode
    }
  }

  /// By absolute path.
  package var files: [String: File]
  /// Folders beside those that the files stand in.
  package var folders: Set<String>
  /// Folders in which nothing may be made.
  package var readOnly: Set<String>
  package var currentFolder: String

  package init(_ files: [String: File] = [:], folders: Set<String> = [], readOnly: Set<String> = [], currentFolder: String = "/") {
    self.files = files
    self.folders = folders
    self.readOnly = readOnly
    self.currentFolder = currentFolder
  }

  /// What the loader takes.
  package var access: FileAccess {
    let copy = self
    return FileAccess(
      currentFolder: currentFolder,
      read: { path, limit in
        guard let file = copy.files[path] else { return .failure(copy.isFolder(path) ? .wrongKind : .missing) }
        return file.bytes.count > limit ? .failure(.tooLarge) : .success(file.bytes)
      },
      status: { path in
        if let file = copy.files[path] { return .success(.init(kind: .file, mode: file.mode)) }
        return copy.isFolder(path) ? .success(.init(kind: .folder, mode: 0o700)) : .failure(.missing)
      },
      list: { folder in
        guard copy.isFolder(folder) else { return .failure(copy.files[folder] == nil ? .missing : .wrongKind) }
        return .success(copy.names(in: folder))
      },
      mayWrite: { !copy.readOnly.contains($0) })
  }

  private func isFolder(_ path: String) -> Bool {
    path == "/" || folders.contains(path) || files.keys.contains { $0.hasPrefix(path + "/") }
      || folders.contains { $0.hasPrefix(path + "/") }
  }

  private func names(in folder: String) -> [String] {
    let prefix = folder == "/" ? "/" : folder + "/"
    var names: Set<String> = []
    for path in Array(files.keys) + Array(folders) where path.hasPrefix(prefix) && path.utf8.count > prefix.utf8.count {
      names.insert(String(path.dropFirst(prefix.count).prefix { $0 != "/" }))
    }
    return [String](names)
  }
}
