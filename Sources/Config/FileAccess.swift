/// What the loader may ask of a file system. It only looks: nothing is made or changed.
package struct FileAccess: Sendable {
  package enum Kind: Sendable { case file, folder, other }

  /// What `stat(2)` says, links followed.
  package struct Status: Sendable {
    package var kind: Kind
    /// The nine permission bits and the three above them.
    package var mode: UInt32

    package init(kind: Kind, mode: UInt32) {
      self.kind = kind
      self.mode = mode
    }

    /// Whether users other than owner and group may read it (mode `o+r`).
    package var othersMayRead: Bool { mode & 0o004 != 0 }
  }

  package enum Failure: Error, Sendable, Equatable {
    case missing
    case denied
    case tooLarge
    /// A folder, pipe or device where a file was meant, or a file where a folder was.
    case wrongKind
    /// Another error of the system, by its number.
    case system(Int32)
  }

  /// Absolute; relative paths start here.
  package var currentFolder: String
  /// The bytes of a regular file, at most `limit` of them (`tooLarge` beyond).
  package var read: @Sendable (_ path: String, _ limit: Int) -> Result<[UInt8], Failure>
  package var status: @Sendable (_ path: String) -> Result<Status, Failure>
  /// Names in a folder, without `.` and `..`, in any order.
  package var list: @Sendable (_ folder: String) -> Result<[String], Failure>
  /// Whether this process may make files in a folder.
  package var mayWrite: @Sendable (_ folder: String) -> Bool

  package init(
    currentFolder: String,
    read: @escaping @Sendable (_ path: String, _ limit: Int) -> Result<[UInt8], Failure>,
    status: @escaping @Sendable (_ path: String) -> Result<Status, Failure>,
    list: @escaping @Sendable (_ folder: String) -> Result<[String], Failure>,
    mayWrite: @escaping @Sendable (_ folder: String) -> Bool
  ) {
    self.currentFolder = currentFolder
    self.read = read
    self.status = status
    self.list = list
    self.mayWrite = mayWrite
  }

  /// `path` from the root, without `.` segments, doubled slashes and a final slash. `..` stays, since a link may stand before it.
  func absolute(_ path: String) -> String {
    let full = path.utf8.first == UInt8(ascii: "/") ? path : currentFolder + "/" + path
    return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}

extension FileAccess.Failure {
  /// Why a file cannot be used, for the end of a sentence.
  var reason: String {
    switch self {
    case .missing: "it does not exist"
    case .denied: "permission denied"
    case .tooLarge: "it is too large"
    case .wrongKind: "it is not a regular file"
    case .system(let number): "error \(number) of the system"
    }
  }
}
