import Testing

@testable import Crypto

@Suite struct PasswordHashTests {
  @Test("a hash we make verifies its password and no other")
  func roundTrip() throws {
    let hash = try #require(PasswordHash.make([UInt8]("correct horse battery".utf8)))
    #expect(hash.hasPrefix("$y$"))
    #expect(PasswordHash.verify([UInt8]("correct horse battery".utf8), against: hash))
    #expect(!PasswordHash.verify([UInt8]("correct horse batterY".utf8), against: hash))
  }

  @Test("hashes that other programs made verify")
  func foreign() {
    // Published vectors: bcrypt from crypt_blowfish's test suite, SHA-512 from Drepper's specification.
    #expect(PasswordHash.verify([UInt8]("U*U".utf8), against: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
    #expect(
      PasswordHash.verify(
        [UInt8]("Hello world!".utf8),
        against: "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"))
  }

  @Test("an empty password, a password with a NUL and hashes of broken kinds never verify")
  func refused() {
    #expect(!PasswordHash.verify([], against: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"))
    #expect(!PasswordHash.verify([UInt8]("U*U\0x".utf8), against: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
    #expect(!PasswordHash.verify([UInt8]("rasmuslerdorf".utf8), against: "rl.3StKT.4T8M"))
    #expect(!PasswordHash.verify([UInt8]("rasmuslerdorf".utf8), against: "$1$rasmusle$rISCgZzpwk3UhDidwXvin0"))
    #expect(!PasswordHash.verify([UInt8]("x".utf8), against: ""))
    #expect(!PasswordHash.verify([UInt8]("x".utf8), against: "*"))
    #expect(PasswordHash.make([]) == nil)
  }
}
