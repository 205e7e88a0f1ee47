import Testing

@testable import Session

@Suite struct StateFilesTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("a replaced file holds the new contents, for its owner alone, and leaves nothing beside it")
  func replace() throws {
    let path = directory.path + "/f"
    let large = [UInt8](repeating: 7, count: 300_000)
    try StateFiles.replace(path, with: [1])
    try StateFiles.replace(path, with: large)
    #expect(try StateFiles.contents(of: path, maximum: large.count) == large)
    #expect(try directory.names() == ["f"])
    #expect(try directory.mode("f") == 0o600)
  }

  @Test("a missing file is nil, a larger one than the maximum an error")
  func contents() throws {
    try directory.write("f", [1, 2, 3])
    #expect(try StateFiles.contents(of: directory.path + "/none", maximum: 3) == nil)
    #expect(try StateFiles.contents(of: directory.path + "/f", maximum: 3) == [1, 2, 3])
    #expect(throws: FileError.self) { try StateFiles.contents(of: directory.path + "/f", maximum: 2) }
  }

  @Test("a file is made once; whoever comes second changes nothing")
  func create() throws {
    let path = directory.path + "/f"
    #expect(try StateFiles.create(path, temporary: directory.path + "/.t", with: [1]))
    #expect(try !StateFiles.create(path, temporary: directory.path + "/.t", with: [2]))
    #expect(try directory.read("f") == [1])
    #expect(try directory.names() == ["f"])
  }
}
