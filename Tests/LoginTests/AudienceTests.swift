import Testing

@testable import Login

struct AudienceTests {
  @Test("purpose, site and origin cannot be exchanged for one another")
  func context() throws {
    let a = try Fixtures.audience("ab")
    let b = try Fixtures.audience("b")
    #expect(a.context("c") != b.context("ca"))
    #expect(a.context("c") != a.context("d"))
    #expect(try a.context("c") != Fixtures.audience("ab", scheme: "http").context("c"))
    #expect(try a.context("c") == Fixtures.audience("ab", host: "APP.example.test.:443").context("c"))
  }
}
