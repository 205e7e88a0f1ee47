import Testing

@testable import Session

@Suite struct FileHandleTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

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
