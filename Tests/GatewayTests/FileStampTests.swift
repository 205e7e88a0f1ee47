import Testing

@testable import Gateway

@Suite struct FileStampTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("a file that stays as it is keeps its stamp; one that is replaced by the same text does not")
  func stamps() throws {
    try directory.write("a", "text")
    let first = FileStamp.of(directory.file("a"))
    #expect(first != nil && FileStamp.of(directory.file("a")) == first)
    try directory.write("b", "text")
    #expect(FileStamp.of(directory.file("b")) != first)
    try directory.write("a", "text")
    #expect(FileStamp.of(directory.file("a")) != first)
  }

  @Test("no file has no stamp and no bytes")
  func missing() {
    #expect(FileStamp.of(directory.file("a")) == nil)
    #expect(FileStamp.read(directory.file("a"), limit: 10) == nil)
  }

  @Test("a file is read whole or not at all", arguments: [(0, true), (99_999, true), (100_000, true), (100_001, false)])
  func limit(count: Int, isRead: Bool) throws {
    try directory.write("a", String(repeating: "x", count: count))
    #expect(FileStamp.read(directory.file("a"), limit: 100_000)?.count == (isRead ? count : nil))
  }

  @Test("what is there and cannot be read gives nothing")
  func unreadable() throws {
    try directory.makeDirectory("a")
    #expect(FileStamp.of(directory.file("a")) != nil)
    #expect(FileStamp.read(directory.file("a"), limit: 10) == nil)
  }
}
