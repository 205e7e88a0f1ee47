import Testing

@testable import Login

struct OriginCheckTests {
  private func isOwn(_ origin: String?, _ fetchSite: String? = nil, scheme: String = "https", host: String = "App.example.test") throws
    -> Bool
  {
    let own = try #require(WebOrigin(scheme: scheme, authority: host.bytes))
    return OriginCheck.isOwn(own, origin: origin?.bytes, fetchSite: fetchSite?.bytes)
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
