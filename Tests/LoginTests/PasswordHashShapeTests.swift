import Testing

@testable import Login

struct PasswordHashShapeTests {
  static let yescrypt = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$6foLM1JhGupouWKMU70wxK61Kw9ZnecbACjJwRadqM2"
  static let sha512 = "$6$saltsalt$8RWsOfwR6M6PpnoeQiEiWzNTPo1f0HjVYjDnLZhGx16aBFRkeqiHAzfXP/LgrOWMBMXqiU2pLrXsSOHNUyUm91"
  static let sha256 = "$5$rounds=5000$saltsalt$hcyDOxdIg0p3xyqtpHh/v8Ph.am06tQaovp1KpEklb7"
  static let scrypt = "$7$CU..../....2Q9obwLhin8qvQl6sisAO/$.bP7HtD2HP.OKbRurZTdgkP/04.gFdcR2KR0sT1oqh9"
  static let gost = "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$swDwqc9roxMj9t43.TdN6v6uEgFlLv6oDhMVx4g6bhA"

  @Test(
    "hashes of every kind that verifies have their cost and a decoy of the same length",
    arguments: [
      (yescrypt, "$y$j9T$"), (gost, "$gy$j9T$"), (sha512, "$6$"), (sha256, "$5$rounds=5000$"), (scrypt, "$7$CU..../...."),
      (Fixtures.bcrypt, "$2b$04$"),
    ])
  func shapes(_ hash: String, _ cost: String) throws {
    let shape = try #require(PasswordHashShape(hash))
    #expect(shape.cost == cost)
    #expect(shape.decoy.utf8.count == hash.utf8.count)
    #expect(shape.decoy.hasPrefix(cost))
    #expect(shape.decoy != hash)
  }

  @Test(
    "a hash that is cut short, or of a refused kind, has no shape",
    arguments: [
      "", "$y$", "$2y$10$", "$6$salt$", "ab1cdefghijkl", "$1$salt$0123456789012345678901", "$apr1$x$y",
      "$2b$99$" + Fixtures.bcrypt.dropFirst(7),
      String(yescrypt.dropLast()), String(sha512.dropLast()), String(scrypt.dropLast()), String(Fixtures.bcrypt.dropLast()), sha512 + "A",
      yescrypt.replacing("w", with: "!"), "$6$$" + String(repeating: "a", count: 86),
    ])
  func refused(_ hash: String) {
    #expect(PasswordHashShape(hash) == nil)
  }
}
