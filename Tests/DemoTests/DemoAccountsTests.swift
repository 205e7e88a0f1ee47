import Crypto
import Login
import Testing

@testable import Demo

@Suite struct DemoAccountsTests {
  @Test("the accounts file is one that the gateway reads, with the passwords that are printed")
  func file() throws {
    let read = AccountsFile(DemoAccount.file(DemoAccount.all), file: "users")
    #expect(read.faults.isEmpty)
    for account in DemoAccount.all {
      let found = try #require(read.accounts.account(named: account.user))
      #expect(found.name == account.name && account.password.count >= 12)
      #expect(PasswordHash.verify([UInt8](account.password.utf8), against: found.hash))
    }
  }
}
