import Testing

@testable import Login

struct AccountsEditorTests {
  let old = Fixtures.bcrypt
  let new = PasswordHashShapeTests.yescrypt

  @Test("the hash of an existing account changes, and nothing else")
  func change() throws {
    let file = "# staff\n\nbob:\(old)\n Ann :\(old):Ann A:ann@c.test:front\nAnn2:\(old)"
    let edited = try AccountsEditor.set(file.bytes, user: "ANN", hash: new)
    #expect(edited == "# staff\n\nbob:\(old)\n Ann :\(new):Ann A:ann@c.test:front\nAnn2:\(old)".bytes)
  }

  @Test("a new account is a new line at the end, in the file's own line ends")
  func add() throws {
    #expect(try AccountsEditor.set([], user: "ann", hash: new) == "ann:\(new)\n".bytes)
    #expect(try AccountsEditor.set("bob:\(old)".bytes, user: "ann", hash: new) == "bob:\(old)\nann:\(new)\n".bytes)
    #expect(try AccountsEditor.set("bob:\(old)\r\n".bytes, user: "ann", hash: new) == "bob:\(old)\r\nann:\(new)\r\n".bytes)
    #expect(try AccountsEditor.set("#ann:\(old)\n".bytes, user: "ann", hash: new) == "#ann:\(old)\nann:\(new)\n".bytes)
  }

  @Test("a line without a hash, and one with an unacceptable one, are mended in place")
  func mend() throws {
    #expect(try AccountsEditor.set("ann\r\nbob:x".bytes, user: "ann", hash: new) == "ann:\(new)\r\nbob:x".bytes)
    #expect(try AccountsEditor.set("ann:$1$a$b::e\n".bytes, user: "ann", hash: new) == "ann:\(new)::e\n".bytes)
  }

  @Test("what was set is read back")
  func readBack() throws {
    let edited = try AccountsEditor.set("a:\(old)".bytes, user: "José", hash: new)
    let file = AccountsFile(edited, file: "u")
    #expect(file.faults.isEmpty)
    #expect(file.accounts.account(named: "josé")?.hash == new)
  }

  @Test(
    "names that would not be read back are refused",
    arguments: ["", " ", "a:b", " ann", "ann ", "#ann", "a\nb", "a\u{0}", "a\u{200B}", "a\tb", String(repeating: "x", count: 257)])
  func names(_ name: String) {
    #expect(throws: AccountsEditor.Fault.userName) { try AccountsEditor.set([], user: name, hash: new) }
  }

  @Test("hashes that would not verify are refused", arguments: ["", "secret", "$1$a$b", "$y$j9T$x", Fixtures.bcrypt + ":x"])
  func hashes(_ hash: String) {
    #expect(throws: AccountsEditor.Fault.hash) { try AccountsEditor.set([], user: "ann", hash: hash) }
  }

  @Test("a file that would be too large to read is refused")
  func tooLarge() {
    let file = [UInt8](repeating: 0x0A, count: AccountsFile.maximumCount)
    #expect(throws: AccountsEditor.Fault.tooLarge) { try AccountsEditor.set(file, user: "ann", hash: new) }
  }
}
