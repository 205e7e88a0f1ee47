import Testing

@testable import Pages

@Suite("Login choice")
struct LoginChoiceTests {
  private func page(_ choices: [LoginChoice], notice: LoginForm.Notice? = nil, opensPatient: Bool = false) -> String {
    clinicPages.chooseLogin(choices, notice: notice, opensPatient: opensPatient, host: clinicHost).text
  }

  @Test("every way to sign in is a link, in the order given, and there is no form")
  func links() throws {
    let text = page(choices)
    let links = text.matches(of: #/<a class="button second" href="([^"]*)">([^<]*)</a>/#)
    #expect(links.map { String($0.2) } == choices.map(\.label))
    #expect(links.map { String($0.1) } == (1...3).map { "/.anteroom/login?with=\($0)&amp;return=t1cket" })
    #expect(!text.contains("<form"))
  }

  @Test("somebody on the way to a patient is told that the patient opens next, and a notice is announced")
  func told() {
    #expect(page(choices, opensPatient: true).contains("The patient you chose opens"))
    #expect(!page(choices).contains("patient you chose"))
    let failed = page(choices, notice: .formNotSent)
    #expect(failed.contains("role=\"alert\"") && failed.contains("<title>Error: Sign in – "))
    #expect(!page(choices).contains("role=\"alert\"") && page(choices).contains("<title>Sign in – "))
  }

  @Test("the login page names other ways below its form, or none")
  func others() throws {
    let text = clinicPages.login(LoginForm(token: "t"), others: choices, host: clinicHost).text
    let form = try #require(text.firstRange(of: "</form>"))
    let link = try #require(text.firstRange(of: "with=1&amp;return=t1cket\">Staff</a>"))
    #expect(form.upperBound < link.lowerBound)
    #expect(!clinicPages.login(LoginForm(token: "t"), host: clinicHost).text.contains("<nav"))
  }

  @Test("labels and addresses are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = page([LoginChoice(label: "l" + raw, address: "/a" + raw)])
    #expect(text.contains("href=\"/a\(shown)\">l\(shown.prefix(60))") && !text.contains("<script"))
  }

  @Test(
    "a choice stays on this site",
    arguments: [
      "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "x",
      "/" + String(repeating: "a", count: 16_384),
    ])
  func staysHere(address: String) {
    #expect(page([LoginChoice(label: "l", address: address)]).contains("href=\"/.anteroom/login\">l</a>"))
  }

  @Test("a long address is whole, and a long label is cut")
  func long() {
    let address = "/" + String(repeating: "a", count: 16_383)
    let text = page([LoginChoice(label: String(repeating: "l", count: 81), address: address)])
    #expect(text.contains("\"\(address)\">\(String(repeating: "l", count: 80))</a>"))
  }
}
