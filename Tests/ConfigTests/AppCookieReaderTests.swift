import Testing

@testable import Config

@Suite struct AppCookieReaderTests {
  @Test("without the block nothing is added")
  func defaults() {
    #expect(site("")?.cookies == AppCookieSettings())
    #expect(site("cookies { }")?.cookies == AppCookieSettings())
    #expect(site("cookies { secure off; same_site off }")?.cookies == AppCookieSettings(addsSecure: false, addsSameSite: false))
  }

  @Test("each attribute is added for itself")
  func all() {
    #expect(site("cookies { secure on }")?.cookies == AppCookieSettings(addsSecure: true))
    #expect(site("cookies { same_site lax }")?.cookies == AppCookieSettings(addsSameSite: true))
    #expect(site("cookies { secure on; same_site lax }")?.cookies == AppCookieSettings(addsSecure: true, addsSameSite: true))
  }

  @Test(
    "anything else is an error",
    arguments: [
      ("cookies { secure yes }", "write `on` or `off`"), ("cookies { same_site none }", "write `lax` or `off`"),
      ("cookies { same_site strict }", "write `lax` or `off`"), ("cookies", "needs a block"), ("cookies { http_only on }", "http_only"),
      ("cookies { secure on; secure on }", "given twice"),
    ])
  func bad(_ lines: String, _ mend: String) {
    let found = messages(load(minimal(site: lines)))
    #expect(found.count == 1 && found.first?.contains(": error: ") == true && found.first?.contains(mend) == true, "\(found)")
  }
}
