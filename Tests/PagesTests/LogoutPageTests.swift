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

  @Test("the page after it may lead to one login of several")
  func again() {
    let text = clinicPages.signedOut(host: clinicHost, again: LoginChoice(label: "Sign in <again>", address: "/.anteroom/login?with=2"))
      .text
    #expect(text.contains("href=\"/.anteroom/login?with=2\">Sign in &lt;again&gt;</a>") && !text.contains("href=\"/.anteroom/login\""))
  }

  @Test("on the way to the provider's logout the browser goes on by itself, and by a link, and by no form")
  func leave() {
    let address = "https://login.example.com/logout?id_token_hint=" + String(repeating: "a", count: 9000) + "&state=x"
    let shown = address.replacing("&", with: "&amp;")
    let text = clinicPages.leaveProvider(address: address, host: clinicHost).text
    #expect(text.contains("<meta http-equiv=\"refresh\" content=\"0; url=\(shown)\">\n<title>"))
    #expect(text.contains("<a class=\"button\" href=\"\(shown)\">Continue</a>") && !text.contains("<form"))
  }

  @Test("the provider's address is escaped", arguments: hostile)
  func leaveEscaped(raw: String, shown: String) {
    let text = clinicPages.leaveProvider(address: "https://login.example.com/?" + raw, host: clinicHost).text
    #expect(text.ranges(of: "https://login.example.com/?\(shown)\"").count == 2 && !text.contains("<script"))
  }

  @Test("an address that is not of the web leads nowhere", arguments: ["javascript:alert(1)", "data:text/html,x", "//x", "", "HTTPS:x"])
  func leaveNowhere(address: String) {
    #expect(clinicPages.leaveProvider(address: address, host: clinicHost) == clinicPages.signedOut(host: clinicHost))
  }

  @Test("on the way to where somebody else ends the session the browser goes on by itself, to an address of the web alone")
  func leaveToSignOut() {
    let text = clinicPages.leaveToSignOut(address: "https://auth.example.com/logout?a=1&b=\"", host: clinicHost).text
    #expect(text.ranges(of: "https://auth.example.com/logout?a=1&amp;b=&quot;\"").count == 2 && !text.contains("<form"))
    #expect(clinicPages.leaveToSignOut(address: "javascript:alert(1)", host: clinicHost) == clinicPages.signedOut(host: clinicHost))
  }

  @Test("user and token are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = clinicPages.logout(token: "t" + raw, user: "u" + raw, host: "h" + raw).text
    #expect(text.contains("value=\"t\(shown)\"") && text.contains("<strong>u\(shown)</strong>") && text.contains("\">h\(shown)</p>"))
  }
}
