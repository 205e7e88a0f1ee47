import Testing

@testable import Config

@Suite struct FileChecksTests {
  private func found(_ top: String, _ files: MemoryFiles) -> [String] { messages(load(minimal(top: top), files)) }

  @Test("folders that do not exist must be makable", arguments: ["keys", "state", "audit"])
  func missing(_ name: String) {
    #expect(found("\(name) /a/b/c", MemoryFiles(folders: ["/a"])).isEmpty)
    #expect(
      found("\(name) /a/b/c", MemoryFiles(folders: ["/a"], readOnly: ["/a"])).first?.contains(
        "gateway.conf:7:\(name.count + 2): error: the \(name) folder /a/b/c does not exist and cannot be made") == true)
    #expect(found("\(name) /a/b", MemoryFiles(["/a": .init("")])).count == 1)
    #expect(
      found("\(name) /a", MemoryFiles(["/a": .init("")])) == [
        "gateway.conf:7:\(name.count + 2): error: /a is not a folder (`\(name)` needs one)"
      ])
  }

  @Test("state and audit must be writable; keys need not be")
  func writable() {
    let files = MemoryFiles(["/a/x.key": .init("")], folders: ["/a"], readOnly: ["/a"])
    #expect(found("keys /a", files).isEmpty)
    #expect(found("state /a", files).first?.contains("the state folder /a cannot be written to") == true)
    #expect(found("audit /a", files).first?.contains("the audit folder /a cannot be written to") == true)
    #expect(
      found("keys /b", MemoryFiles(folders: ["/b"], readOnly: ["/b"])).first?.contains("has no key, and none can be made there") == true)
  }

  @Test("folders that hold by default are checked as well, without a line")
  func defaults() {
    #expect(
      messages(load(minimal(), MemoryFiles(readOnly: ["/etc/anteroom"]))).map { $0.prefix(30) } == [
        "gateway.conf: error: the keys ", "gateway.conf: error: the state", "gateway.conf: error: the audit",
      ])
  }

  @Test("a key that every user may read or change is an error; other files in the ring are left alone", arguments: [0o644, 0o602, 0o606])
  func keys(_ mode: UInt32) {
    let files = MemoryFiles(["/k/a.key": .init("", mode: mode), "/k/b.key": .init("", mode: 0o640), "/k/README": .init("", mode: 0o644)])
    #expect(
      found("keys /k", files) == [
        "gateway.conf:7:1: error: every user of this machine may read or change the key /k/a.key (chmod o-rw /k/a.key)"
      ])
  }
}
