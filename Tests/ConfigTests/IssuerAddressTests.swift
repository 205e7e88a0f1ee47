import Testing

@testable import Config

@Suite struct IssuerAddressTests {
  @Test(
    "an address has a scheme, a host and a path",
    arguments: [
      ("https://Login.Example.com:8443/a/b", true, "login.example.com", "/a/b"), ("http://[::1]:80/", false, "::1", "/"),
      ("https://a.example", true, "a.example", ""), ("https://10.0.0.1:1", true, "10.0.0.1", ""),
    ])
  func parts(_ text: String, _ isSecure: Bool, _ host: String, _ path: String) throws {
    let address = try #require(IssuerAddress(text))
    #expect(address.isSecure == isSecure && address.host == host && address.path == path)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "https://", "https:///a", "a.example", "https://a b", "https://[a]", "https://[::1]x", "https://a:", "https://a:0", "https://u@a",
    ])
  func none(_ text: String) { #expect(IssuerAddress(text) == nil) }

  @Test(
    "loopback",
    arguments: [
      ("http://127.0.0.1", true), ("http://127.9.9.9", true), ("http://[::1]", true), ("http://LOCALHOST:1/", true),
      ("http://128.0.0.1", false),
      ("http://localhost.example", false), ("http://127.0.0.1.example", false), ("http://[::2]", false),
    ])
  func loopback(_ text: String, _ isLoopback: Bool) { #expect(IssuerAddress(text)?.isLoopback == isLoopback) }

  @Test(
    "an Entra issuer for every tenant is told from one of a tenant, and from others' paths",
    arguments: [
      ("https://login.microsoftonline.com/common/v2.0", true), ("https://login.microsoftonline.com/CONSUMERS", true),
      ("https://sts.windows.net/organizations/", true), ("https://login.microsoftonline.com/1b2c/v2.0", false),
      ("https://login.microsoftonline.com/1b2c/common", false), ("https://login.microsoftonline.com", false),
      ("https://login.example.com/common/v2.0", false),
    ])
  func tenants(_ text: String, _ isEvery: Bool) { #expect(IssuerAddress(text)?.isEveryTenant == isEvery) }

  @Test("Google's issuer", arguments: [("https://accounts.google.com", true), ("https://accounts.google.com.example", false)])
  func google(_ text: String, _ isGoogle: Bool) { #expect(IssuerAddress(text)?.isGoogle == isGoogle) }
}
