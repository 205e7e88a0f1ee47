import Testing

@testable import Pages

@Suite("Logout pages")
struct LogoutPageTests {
  @Test("the button posts the token to the logout address")
  func form() {
    let text = clinicPages.logout(token: "tok", user: "jo", host: clinicHost).text
    #expect(text.contains("<form method=\"post\" action=\"/.anteroom/logout\">\n<input type=\"hidden\" name=\"token\" value=\"tok\">"))
    #expect(text.contains("signed in as <strong>jo</strong>"))
  }

  @Test("without a user nobody is named")
  func nobody() {
    #expect(!clinicPages.logout(token: "tok", user: nil, host: clinicHost).text.contains("signed in as"))
  }

  @Test("the page after it leads back to the login")
  func signedOut() {
    let text = clinicPages.signedOut(host: clinicHost).text
    #expect(text.contains("You are signed out") && text.contains("href=\"/.anteroom/login\">Sign in again</a>"))
  }

  @Test("user and token are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = clinicPages.logout(token: "t" + raw, user: "u" + raw, host: "h" + raw).text
    #expect(text.contains("value=\"t\(shown)\"") && text.contains("<strong>u\(shown)</strong>") && text.contains("\">h\(shown)</p>"))
  }
}
