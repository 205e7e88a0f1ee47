import Testing

@testable import Session

extension SealContext {
  init(purpose: StaticString = "session", site: String, host: String, isSecure: Bool) {
    self.init(purpose: purpose, site: site, host: [UInt8](host.utf8).span, isSecure: isSecure)
  }
}

@Suite struct SealContextTests {
  @Test(
    "case, one final dot and the port of the host make no difference",
    arguments: ["au.example.com", "AU.Example.COM", "au.example.com.", "au.example.com:8443", "au.example.com.:8443"])
  func folding(host: String) {
    #expect(
      SealContext(site: "s", host: host, isSecure: true) == SealContext(site: "s", host: "au.example.com", isSecure: true))
  }

  @Test("an IPv6 literal keeps its colons")
  func literals() {
    let a = SealContext(site: "s", host: "[::1]:8080", isSecure: false)
    #expect(a == SealContext(site: "s", host: "[::1]", isSecure: false))
    #expect(a != SealContext(site: "s", host: "[::2]", isSecure: false))
  }

  @Test(
    "another host, site, scheme or purpose is another context",
    arguments: [
      SealContext(site: "s", host: "uk.example.com", isSecure: true),
      SealContext(site: "s", host: "au.example.com..", isSecure: true),
      SealContext(site: "sa", host: "u.example.com", isSecure: true),
      SealContext(site: "", host: "sau.example.com", isSecure: true),
      SealContext(site: "s", host: "au.example.com", isSecure: false),
      SealContext(purpose: "return", site: "s", host: "au.example.com", isSecure: true),
    ])
  func distinct(other: SealContext) {
    #expect(SealContext(site: "s", host: "au.example.com", isSecure: true) != other)
  }

  @Test("an empty host is a context like any other")
  func empty() {
    #expect(SealContext(site: "s", host: "", isSecure: true) == SealContext(site: "s", host: ":80", isSecure: true))
    #expect(SealContext(site: "s", host: ".", isSecure: true) == SealContext(site: "s", host: "", isSecure: true))
  }
}
