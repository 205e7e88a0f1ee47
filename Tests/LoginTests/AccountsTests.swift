import Crypto
import Testing

@testable import Login

struct AccountsTests {
  @Test("an account is found by user name, and by an e-mail that nobody shares")
  func lookup() throws {
    let accounts = Accounts([
      try Fixtures.account("Ann", email: "Ann@Clinic.test"),
      try Fixtures.account("Bob", email: "desk@clinic.test"),
      try Fixtures.account("Cy", email: "desk@clinic.test"),
      try Fixtures.account("Di", email: "desk@clinic.test"),
      try Fixtures.account("ann@other.test", email: "bob"),
    ])
    #expect(accounts.account(named: "ann")?.user == "Ann")
    #expect(accounts.account(named: "ann@clinic.test")?.user == "Ann")
    #expect(accounts.account(named: "desk@clinic.test") == nil)
    #expect(accounts.account(named: "bob")?.user == "Bob", "a user name wins over another account's e-mail")
    #expect(accounts.account(named: "") == nil)
  }

  @Test("composed and decomposed accents find the same account")
  func canonical() throws {
    let accounts = Accounts([try Fixtures.account("jos\u{E9}")])
    #expect(accounts.account(named: "jose\u{301}") != nil)
    #expect(accounts.stamp(writtenUser: "jose\u{301}") != nil)
  }

  @Test("the stamp changes with hash and groups, not with their order or the name, and goes with the account")
  func stamp() throws {
    func stamp(_ user: String = "ann", hash: String = Fixtures.bcrypt, email: String = "", groups: [String] = ["a", "b"]) throws -> [UInt8]
    {
      try Fixtures.account(user, hash: hash, email: email, groups: groups).stamp
    }
    let one = try stamp()
    #expect(one.count == 16)
    #expect(try stamp(email: "x@y.test") == one)
    #expect(try stamp(groups: ["b", "a"]) == one)
    #expect(try stamp(groups: ["a"]) != one)
    #expect(try stamp(groups: ["ab"]) != one)
    #expect(try stamp(groups: ["a,b"]) != one)
    #expect(try stamp("bob") != one)
    #expect(try stamp(hash: Fixtures.bcrypt + "x") != one)
    #expect(Accounts([]).stamp(writtenUser: "ann") == nil)
    #expect(Accounts([try Fixtures.account("ann", groups: ["a", "b"])]).stamp(writtenUser: "ann") == one)
  }

  @Test("a decoy has the kind and cost of a real hash, and nobody's password")
  func decoy() throws {
    let accounts = Accounts([try Fixtures.account("ann")])
    let decoy = accounts.decoy(for: "nobody")
    #expect(decoy.hasPrefix("$2b$04$"))
    #expect(decoy != Fixtures.bcrypt)
    #expect(PasswordHashShape(Fixtures.bcrypt)?.cost == "$2b$04$")
    #expect(!PasswordHash.verify(Fixtures.password.bytes, against: decoy))
  }

  @Test("in a file of two costs each unknown name keeps one, as likely as real accounts have it")
  func mixedDecoys() throws {
    let other = Fixtures.bcrypt.replacing("$2b$04$", with: "$2b$05$")
    var list: [Account] = []
    for i in 0..<10 { list.append(try Fixtures.account("user\(i)", hash: i < 5 ? Fixtures.bcrypt : other)) }
    let accounts = Accounts(list)
    let decoys = (0..<400).map { accounts.decoy(for: "nobody\($0)") }
    #expect(decoys == (0..<400).map { accounts.decoy(for: "nobody\($0)") })
    let cheap = decoys.count { $0.hasPrefix("$2b$04$") }
    #expect((120...280).contains(cheap))
    #expect(accounts.decoy(for: "jos\u{E9}") == accounts.decoy(for: "jose\u{301}"))
  }

  @Test("an empty file's decoy takes as long as a hash of ours")
  func emptyDecoy() {
    let decoy = Accounts([]).decoy(for: "nobody")
    #expect(PasswordHash.kind(of: decoy) == .yescrypt)
    #expect(PasswordHashShape(String(decoy.dropLast(1)) + "x") != nil)
    let clock = ContinuousClock()
    let time = clock.measure { #expect(!PasswordHash.verify([97], against: decoy)) }
    #expect(time > .milliseconds(2), "the setting is one that libcrypt computes")
  }

  @Test("no description shows the hash")
  func description() throws {
    let account = try Fixtures.account("ann")
    #expect(!"\(account) \(String(reflecting: account)) \([account])".contains("$2b$"))
  }
}
