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

  @Test("the admin socket's folder is there, or its own folder is, and may be written to")
  func socketFolder() {
    #expect(found("admin /a/b/x.sock", MemoryFiles(folders: ["/a"])).isEmpty)
    #expect(found("admin /a/b/x.sock", MemoryFiles(folders: ["/a/b"])).isEmpty)
    for files in [
      MemoryFiles(folders: ["/a"], readOnly: ["/a"]), MemoryFiles(folders: ["/a/b"], readOnly: ["/a/b"]), MemoryFiles(["/a/b": .init("")]),
    ] {
      #expect(
        found("admin /a/b/x.sock", files) == [
          "gateway.conf:7:7: error: /a/b/x.sock cannot be made (make the folder /a/b, and give it to the user that the gateway runs as)"
        ])
    }
    #expect(found("admin /a/x", MemoryFiles(["/a/x": .init("")])).first?.contains("/a/x is there already and is no socket") == true)
  }

  @Test("the admin socket's path fits the system's bound")
  func socketLength() {
    let name = String(repeating: "x", count: 104)
    #expect(found("admin /a/\(name)", MemoryFiles(folders: ["/a"])).isEmpty)
    #expect(found("admin /a/\(name)y", MemoryFiles(folders: ["/a"])).first?.contains("is too long for a socket: 108 bytes") == true)
  }
}
