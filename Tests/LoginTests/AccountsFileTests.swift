import Testing

@testable import Login

struct AccountsFileTests {
  let hash = Fixtures.bcrypt

  @Test("fields, comments, empty lines, blanks, CRLF and a byte order mark are read as they should")
  func sound() {
    let text = "\u{FEFF}# staff\r\n\r\nAnn:\(hash):Ann Ääs:ann@c.test: front , admin,\r\n  \n bob : \(hash) \nCy:\(hash)::cy@c.test:"
    let file = AccountsFile(text.bytes, file: "users")
    #expect(file.faults.isEmpty)
    #expect(file.accounts.count == 3)
    let ann = file.accounts.account(named: "ann")
    #expect(ann?.user == "Ann")
    #expect(ann?.name == "Ann Ääs")
    #expect(ann?.email == "ann@c.test")
    #expect(ann?.groups == ["front", "admin"])
    #expect(file.accounts.account(named: "bob")?.hash == hash)
    #expect(file.accounts.account(named: "cy@c.test")?.groups == [])
  }

  @Test(
    "a line that is wrong costs its own account, with its number and the mend",
    arguments: [
      ("x:$1$salt$abc", "refused"), ("x:ab1cdefghijkl", "refused"), ("x:", "refused"), ("x:$apr1$a$b", "refused"),
      ("x:$2y$10$short", "not complete"), ("x", "no hash"), (":hash", "no user name"), ("x\u{200B}y:h", "cannot be matched"),
      ("x:h:a\u{1}b", "control"), ("x:h:a\u{85}b", "control"), ("x:h:a\tb", "control"), ("x:\(Fixtures.bcrypt):a:b:c:d", "five fields"),
      ("ANN:\(Fixtures.bcrypt)", "line 1"), ("ａｎｎ :\(Fixtures.bcrypt)", "line 1"),
    ])
  func faults(_ line: String, _ message: String) throws {
    let file = AccountsFile("ann:\(hash)\n\(line)\nbob:\(hash)\n".bytes, file: "users.passwd")
    #expect(file.accounts.count == 2)
    #expect(file.faults.count == 1)
    let fault = try #require(file.faults.first)
    #expect(fault.line == 2)
    #expect(fault.file == "users.passwd")
    #expect(fault.message.contains(message))
    #expect(fault.message.contains("("))
    #expect(!fault.message.contains("$"))
  }

  @Test("of two lines for one user the first counts, even if it cannot sign in")
  func duplicateOfRefused() {
    let file = AccountsFile("ann:$1$a$b\nAnn:\(hash)\n".bytes, file: "u")
    #expect(file.accounts.count == 0)
    #expect(file.faults.map(\.line) == [1, 2])
  }

  @Test("bytes that are not UTF-8 cost their line only")
  func notUTF8() {
    let file = AccountsFile([0xFF, 0x3A, 0x61, 0x0A] + "bob:\(hash)".bytes, file: "u")
    #expect(file.accounts.count == 1)
    #expect(file.faults.map(\.line) == [1])
  }

  @Test("a file over 4 MB gives no account and one fault")
  func tooLarge() {
    let file = AccountsFile([UInt8](repeating: 0x0A, count: AccountsFile.maximumCount + 1), file: "u")
    #expect(file.accounts.count == 0)
    #expect(file.faults.count == 1)
  }

  @Test("faults are bounded, and the last says so")
  func boundedFaults() {
    let file = AccountsFile(String(repeating: "x\n", count: 5_000).bytes, file: "u")
    #expect(file.faults.count == AccountsFile.maximumFaults)
    #expect(file.faults.last?.message.contains("not reported") == true)
  }
}
