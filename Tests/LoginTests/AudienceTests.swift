import Testing

@testable import Login

struct AudienceTests {
  @Test("purpose, site and origin cannot be exchanged for one another")
  func context() throws {
    func context(_ audience: Audience, _ purpose: String) -> [UInt8] { Audience.purposeContext(purpose) + audience.context }
    let a = try Fixtures.audience("ab")
    let b = try Fixtures.audience("b")
    #expect(context(a, "c") != context(b, "ca"))
    #expect(context(a, "c") != context(a, "d"))
    #expect(try context(a, "c") != context(Fixtures.audience("ab", scheme: "http"), "c"))
    #expect(try context(a, "c") == context(Fixtures.audience("ab", host: "APP.example.test.:443"), "c"))
  }
}
