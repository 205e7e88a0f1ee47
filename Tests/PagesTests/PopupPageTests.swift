import Testing

@testable import Pages

@Suite("Popup page")
struct PopupPageTests {
  private func page(_ isAnothers: Bool, user: String = "Jo") -> Page {
    clinicPages.popup(isAnothers: isAnothers, user: user, host: clinicHost)
  }

  @Test("its one script is the only one that its policy lets run")
  func policy() {
    let page = page(false)
    #expect(page.contentSecurityPolicy.hasSuffix("; script-src '\(PopupScript.hash)'") && page.text.ranges(of: "<script").count == 1)
    #expect(page.contentSecurityPolicy.hasPrefix("default-src 'none'"))
    #expect(PopupScript.hash == "sha256-" + Base64.encode(sha256([UInt8](PopupScript.markup.text.utf8))))
  }

  @Test("it tells its own origin alone, and says so without a script too")
  func words() {
    let text = page(false).text
    #expect(text.contains("{type:\"anteroom:signed-in\"}") && text.contains("postMessage(m,location.origin)") && !text.contains("\"*\""))
    #expect(text.contains("You can close this window"))
  }

  @Test("nothing is told where somebody else has signed in")
  func anothers() {
    #expect(!page(true).text.contains("<script") && page(true).text.contains("Somebody else is signed in now"))
  }

  @Test("who is signed in is escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    for isAnothers in [false, true] { #expect(page(isAnothers, user: "u" + raw).text.contains("<strong>u\(shown)</strong>")) }
  }
}
