import Glibc
import Testing

@testable import Demo

@Suite struct TemporaryFolderTests {
  @Test("it is its owner's alone, and so are the files in it")
  func modes() throws {
    let folder = try TemporaryFolder(in: "", prefix: "anteroom-test-")
    defer { folder.remove() }
    try folder.write("users", [1, 2, 3])
    var status = stat()
    #expect(stat(folder.path, &status) == 0 && status.st_mode & 0o7777 == 0o700)
    #expect(stat(folder.path + "/users", &status) == 0 && status.st_mode & 0o7777 == 0o600 && status.st_size == 3)
    #expect(throws: TemporaryFolder.Fault.self) { try folder.write("users", []) }
  }

  @Test("it goes with all that is in it, but a link's target stays")
  func remove() throws {
    let outside = try TemporaryFolder(in: "/tmp/", prefix: "anteroom-test-")
    defer { outside.remove() }
    try outside.write("kept", [1])
    let folder = try TemporaryFolder(in: "/tmp", prefix: "anteroom-test-")
    #expect(mkdir(folder.path + "/a", 0o700) == 0 && mkdir(folder.path + "/a/b", 0o700) == 0)
    try folder.write("a/b/file", [1])
    #expect(symlink(outside.path, folder.path + "/a/link") == 0)
    folder.remove()
    #expect(access(folder.path, F_OK) != 0)
    #expect(access(outside.path + "/kept", F_OK) == 0)
  }

  @Test("a parent that is not there is said, with the mend")
  func noParent() {
    #expect(throws: TemporaryFolder.Fault.self) { try TemporaryFolder(in: "/nowhere-at-all", prefix: "x") }
  }
}
