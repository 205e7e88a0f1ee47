import Crypto
import Testing

@testable import Login

struct PasswordCheckTests {
  @Test("the right password passes, another does not")
  func run() {
    #expect(PasswordCheck(password: Secret(Fixtures.password.bytes), hash: Fixtures.bcrypt).run())
    #expect(!PasswordCheck(password: Secret("wrong".bytes), hash: Fixtures.bcrypt).run())
    #expect(!PasswordCheck(password: Secret([]), hash: Fixtures.bcrypt).run())
  }

  @Test("no description shows the password or the hash")
  func description() {
    let check = PasswordCheck(password: Secret(Fixtures.password.bytes), hash: Fixtures.bcrypt)
    let text = "\(check) \(String(reflecting: check)) \([check])"
    #expect(!text.contains("horse"))
    #expect(!text.contains("$2b$"))
  }
}
