import Glibc
import Testing

@testable import Config

@Suite struct SystemFilesTests {
  /// A folder of its own, removed afterwards.
  private func inFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/anteroom-config-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer {
      for name in (try? SystemFiles.access.list(folder).get()) ?? [] {
        unlink("\(folder)/\(name)")
        rmdir("\(folder)/\(name)")
      }
      rmdir(folder)
    }
    try body(folder)
  }

  private func write(_ path: String, _ text: String, mode: mode_t) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT, mode)
    try #require(descriptor >= 0)
    fchmod(descriptor, mode)
    #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
  }

  @Test("files are read to their limit, and folders and pipes are not files")
  func read() throws {
    try inFolder { folder in
      let files = SystemFiles.access
      let long = String(repeating: "x", count: 40_000)
      try write("\(folder)/a", long, mode: 0o600)
      #expect(try files.read("\(folder)/a", 40_000).get() == Array(long.utf8))
      #expect(files.read("\(folder)/a", 39_999) == .failure(.tooLarge))
      #expect(files.read("\(folder)/b", 10) == .failure(.missing))
      #expect(files.read("\(folder)/a/b", 10) == .failure(.missing))
      #expect(files.read(folder, 10) == .failure(.wrongKind))
      #expect(files.read("\(folder)/a\0b", 10) == .failure(.missing))
      mkfifo("\(folder)/pipe", 0o600)
      #expect(files.read("\(folder)/pipe", 10) == .failure(.wrongKind))
    }
  }

  @Test("modes, kinds and names are the system's")
  func status() throws {
    try inFolder { folder in
      let files = SystemFiles.access
      try write("\(folder)/a", "", mode: 0o644)
      try write("\(folder)/.b", "", mode: 0o640)
      symlink("a", "\(folder)/link")
      #expect(try files.status("\(folder)/a").get().othersMayRead)
      #expect(try !files.status("\(folder)/.b").get().othersMayRead)
      #expect(try files.status("\(folder)/link").get().kind == .file)
      #expect(try files.status(folder).get().kind == .folder)
      #expect(try files.status("/dev/null").get().kind == .other)
      #expect(try Set(files.list(folder).get()) == ["a", ".b", "link"])
      #expect(files.mayWrite(folder))
      #expect(!files.mayWrite("\(folder)/none"))
      #expect(files.currentFolder.hasPrefix("/"))
    }
  }
}
