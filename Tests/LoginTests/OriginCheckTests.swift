import Testing

@testable import Login

struct OriginCheckTests {
  private func isOwn(_ origin: String?, _ fetchSite: String? = nil, scheme: String = "https", host: String = "App.example.test") throws
    -> Bool
  {
    let own = try #require(WebOrigin(scheme: scheme, authority: host.bytes))
    return OriginCheck.isOwn(own, origin: origin?.bytes, fetchSite: fetchSite?.bytes)
  }

  @Test("a WebSocket may come from our own pages, from others that are named, and from programs")
  func webSocket() throws {
    let own = try #require(WebOrigin(scheme: "https", authority: "app.example.test".bytes))
    let other = try #require(WebOrigin(scheme: "https", authority: "portal.example.test".bytes))
    func may(_ origin: String?, _ fetchSite: String? = nil) -> Bool {
      OriginCheck.mayOpenWebSocket(own, others: [other], origin: origin?.bytes, fetchSite: fetchSite?.bytes)
    }
    #expect(may("https://app.example.test") && may("https://APP.example.test:443", "same-origin"))
    #expect(may("https://portal.example.test", "cross-site"))
    #expect(may(nil) && may(nil, "same-origin") && may(nil, "none"))
    for origin in ["null", "", "https://evil.test", "http://app.example.test", "several"] { #expect(!may(origin), "\(origin)") }
    #expect(!may("https://app.example.test", "cross-site"))
    for site in ["cross-site", "same-site", ""] { #expect(!may(nil, site), "\(site)") }
  }

  @Test("a form of the app's counts as its own only where all that the browser says agrees")
  func sameOrigin() throws {
    let own = try #require(WebOrigin(scheme: "https", authority: "app.example.test".bytes))
    func isSame(_ origin: String?, _ fetchSite: String?) -> Bool {
      OriginCheck.isSameOrigin(own, origin: origin?.bytes, fetchSite: fetchSite?.bytes)
    }
    #expect(isSame("https://app.example.test", "same-origin") && isSame("https://app.example.test", nil))
    for site in ["same-site", "cross-site", "none", "", "several"] { #expect(!isSame("https://app.example.test", site), "\(site)") }
    for origin in [nil, "null", "", "https://evil.test", "http://app.example.test"] { #expect(!isSame(origin, "same-origin")) }
  }

  @Test("our own origin passes, however Host and Origin spell it")
  func own() throws {
    #expect(try isOwn("https://app.example.test"))
    #expect(try isOwn("https://app.example.test", "same-origin"))
    #expect(try isOwn("https://app.example.test", host: "app.example.test.:443"))
    #expect(try isOwn("http://127.0.0.1:8080", scheme: "http", host: "127.0.0.1:8080"))
  }

  @Test(
    "every other origin is refused",
    arguments: [
      "null", "", "https://evil.test", "http://app.example.test", "https://app.example.test:8443", "https://app.example.test.evil.test",
      "https://evil-app.example.test", "https://app.example.test, https://app.example.test", "https://uk.example.test",
    ])
  func others(_ origin: String) throws {
    #expect(try !isOwn(origin))
    #expect(try !isOwn(origin, "same-origin"))
  }

  @Test("without Origin only what the browser calls same-origin passes")
  func absent() throws {
    #expect(try !isOwn(nil))
    #expect(try isOwn(nil, "same-origin"))
    for site in ["same-site", "cross-site", "none", "", "Same-Origin, same-origin"] { #expect(try !isOwn(nil, site)) }
  }

  @Test("what the browser calls cross-site is, whatever Origin says")
  func contradiction() throws {
    #expect(try !isOwn("https://app.example.test", "cross-site"))
  }
}
