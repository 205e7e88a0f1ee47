import Demo
import Glibc
import Login
import Testing

@testable import anteroom

@Suite("passwd: the file") struct AccountsFileChangeTests {
  static let first = "$2y$05$abcdefghijklmnopqrstuuGx6ZTNeeqdMBmCKZ5G0B3jR5S5zH3ka"
  static let second = "$2y$05$abcdefghijklmnopqrstuuGx6ZTNeeqdMBmCKZ5G0B3jR5S5zH3kb"

  private func contents(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  private func set(_ path: String, _ user: String, _ hash: String) throws -> AccountsFileChange.Outcome {
    try AccountsFileChange(path: path).set(user: user, hash: hash)
  }

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("a file that is absent is made for its owner alone, with the account in it")
  func make() throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    let path = folder.path + "/users"
    #expect(try set(path, "anna", Self.first) == .added)
    #expect(contents(path) == "anna:\(Self.first)\n" && mode(path) == 0o600)
  }

  @Test("an account's other fields and the file's mode are kept, and no other file is left")
  func change() throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    try folder.write("users", [UInt8]("# staff\nanna:\(Self.first):Anna:a@b.test:front\n".utf8))
    let path = folder.path + "/users"
    #expect(chmod(path, 0o640) == 0)
    #expect(try set(path, "ANNA", Self.second) == .changed)
    #expect(contents(path) == "# staff\nanna:\(Self.second):Anna:a@b.test:front\n" && mode(path) == 0o640)
    #expect(unlink(path) == 0 && rmdir(folder.path) == 0)
  }

  @Test("behind a symbolic link the file itself is changed, or made", arguments: ["users", "sub/users"])
  func link(target: String) throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    #expect(mkdir(folder.path + "/sub", 0o700) == 0)
    let link = folder.path + "/link"
    #expect(symlink(target, link) == 0)
    #expect(try set(link, "anna", Self.first) == .added)
    #expect(try set(link, "anna", Self.second) == .changed)
    var status = stat()
    #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(contents("\(folder.path)/\(target)") == "anna:\(Self.second)\n")
  }

  @Test("what cannot be an accounts file is refused before anybody is asked for a password")
  func refused() throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    #expect(symlink("loop", folder.path + "/loop") == 0 && mkfifo(folder.path + "/pipe", 0o600) == 0)
    for name in ["", "/", "/..", "/loop", "/pipe", "/no/users"] {
      #expect(throws: CommandFault.self) { try AccountsFileChange(path: folder.path + name).check(user: "anna") }
    }
  }

  @Test("names that cannot be user names are refused, others are not")
  func names() throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    let change = try AccountsFileChange(path: folder.path + "/users")
    try change.check(user: "anna")
    for name in ["a:b", " a", "#a", "a\nb", ""] { #expect(throws: CommandFault.self) { try change.check(user: name) } }
  }

  @Test("a temporary file does not stay when the file cannot be replaced")
  func noLeftover() throws {
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    defer { folder.remove() }
    let path = folder.path + "/users"
    let change = try AccountsFileChange(path: path)
    #expect(throws: CommandFault.self) { try change.set(user: "a:b", hash: Self.first) }
    #expect(rmdir(folder.path) == 0)
  }

  @Test(
    "an added account is told from a changed one",
    arguments: ["", "bob:x", "bob:x\n", "anna", "anna\n", "anna:\n", "anna::\n", "#anna\n", "anna:$1$a$b:n\n", "bob:x\nanna:y"])
  func addition(old: String) throws {
    let old = [UInt8](old.utf8)
    let new = try AccountsEditor.set(old, user: "anna", hash: Self.first)
    let hadLine = String(decoding: old, as: UTF8.self).split(separator: "\n").contains { $0.hasPrefix("anna") }
    #expect(AccountsFileChange.isAddition(from: old, to: new) == !hadLine)
  }
}
