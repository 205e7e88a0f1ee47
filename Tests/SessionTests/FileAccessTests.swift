import Testing

@testable import Session

@Suite struct FileAccessTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("a replaced file holds the new contents, for its owner alone, and leaves nothing beside it")
  func replace() throws {
    let path = directory.path + "/f"
    let large = [UInt8](repeating: 7, count: 300_000)
    try FileAccess.replace(path, with: [1])
    try FileAccess.replace(path, with: large)
    #expect(try FileAccess.contents(of: path, maximum: large.count) == large)
    #expect(try directory.names() == ["f"])
    #expect(try directory.mode("f") == 0o600)
  }

  @Test("a missing file is nil, a larger one than the maximum an error")
  func contents() throws {
    try directory.write("f", [1, 2, 3])
    #expect(try FileAccess.contents(of: directory.path + "/none", maximum: 3) == nil)
    #expect(try FileAccess.contents(of: directory.path + "/f", maximum: 3) == [1, 2, 3])
    #expect(throws: FileError.self) { try FileAccess.contents(of: directory.path + "/f", maximum: 2) }
  }

  @Test("a file is made once; whoever comes second changes nothing")
  func create() throws {
    let path = directory.path + "/f"
    #expect(try FileAccess.create(path, temporary: directory.path + "/.t", with: [1]))
    #expect(try !FileAccess.create(path, temporary: directory.path + "/.t", with: [2]))
    #expect(try directory.read("f") == [1])
    #expect(try directory.names() == ["f"])
  }

  @Test("appending makes the file and writes at its end")
  func append() throws {
    try FileHandle(directory.path + "/f", .append).write([1, 2])
    let file = try FileHandle(directory.path + "/f", .append)
    try file.write([3])
    try file.synchronize()
    #expect(try directory.read("f") == [1, 2, 3])
  }

  @Test("a lock is one handle's until it is closed")
  func lock() throws {
    var first: FileHandle? = try FileHandle(directory.path + "/l", .append)
    let second = try FileHandle(directory.path + "/l", .append)
    #expect(try first?.lock() == true)
    #expect(try !second.lock())
    first = nil
    #expect(try second.lock())
  }

  @Test("an error says what failed, on which file, and why")
  func errors() {
    #expect(FileError.missing("/x").description == "cannot open /x: No such file or directory")
  }
}
