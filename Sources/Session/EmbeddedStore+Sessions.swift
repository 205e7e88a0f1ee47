/// What is kept of sessions that identity providers stand for: a file for each, as sealed by the caller.
extension EmbeddedStore {
  /// The most bytes that are kept of one session.
  package static let maximumSession = 64 << 10

  /// Writes what `contents` is by then, or takes the file away where that is `nil`; whoever comes last writes the last of it. Waits for the
  /// disk: call it on the blocking pool.
  package func keepSession(_ id: SessionID, _ contents: () -> [UInt8]?) throws(StoreError) {
    try backing.withLock { (backing) throws(StoreError) in
      // The successor has read what there was, and this process ends soon.
      guard case .files(let files) = backing else { return }
      let bytes = contents()
      guard (bytes?.count ?? 0) <= Self.maximumSession else { throw .tooLarge(what: "a session", maximum: Self.maximumSession) }
      do throws(FileError) {
        if let bytes {
          _ = try StateFiles.makeDirectory(files.sessions)
          // Many are written, and whoever is not found afterwards signs in again: the disk is not waited for.
          try StateFiles.replace(files.session(id), with: bytes, outlastsPower: false)
        } else {
          try StateFiles.remove(files.session(id))
        }
      } catch {
        throw .file(error)
      }
    }
  }

  /// What is kept, with a name for messages each. Waits for the disk.
  package func loadSessions() throws(StoreError) -> [(path: String, bytes: [UInt8])] {
    try backing.withLock { (backing) throws(StoreError) in
      guard case .files(let files) = backing else { return [] }
      do throws(FileError) {
        _ = try StateFiles.makeDirectory(files.sessions)
        var found: [(path: String, bytes: [UInt8])] = []
        for name in try StateFiles.names(in: files.sessions) {
          let path = files.sessions + "/" + name
          // What a crash has left half written is nobody's.
          guard !name.hasSuffix(".new") else {
            try StateFiles.remove(path)
            continue
          }
          if let bytes = try StateFiles.contents(of: path, maximum: Self.maximumSession) { found.append((path, bytes)) }
        }
        return found
      } catch {
        throw .file(error)
      }
    }
  }

  /// Takes a file of `loadSessions` away, which is of no use any more. Waits for the disk.
  package func forgetSession(at path: String) throws(StoreError) {
    do throws(FileError) { try StateFiles.remove(path) } catch { throw .file(error) }
  }
}

extension EmbeddedStore.Files {
  var sessions: String { directory + "/sessions" }

  func session(_ id: SessionID) -> String { sessions + "/" + id.text }
}
