import Testing

@testable import Pages

@Suite("Login page")
struct LoginPageTests {
  private func page(_ form: LoginForm) -> String { clinicPages.login(form, host: clinicHost).text }
  private func input(_ id: String, in text: String) throws -> String {
    String(try #require(text.matches(of: #/<input\s[^>]*>/#).first { $0.0.contains(" id=\"\(id)\"") }).0)
  }

  @Test("the form posts to the login address with ticket and token, and names its fields as the login flow reads them")
  func form() throws {
    let text = page(LoginForm(token: "tok", returnTicket: "tick"))
    #expect(text.contains("<form method=\"post\" action=\"/.anteroom/login\">"))
    #expect(text.contains("<input type=\"hidden\" name=\"return\" value=\"tick\">"))
    #expect(text.contains("<input type=\"hidden\" name=\"token\" value=\"tok\">"))
    let user = try input("user", in: text)
    for part in [
      "name=\"user\"", "autocomplete=\"username\"", "autocapitalize=\"none\"", "spellcheck=\"false\"", "maxlength=\"256\"", " required",
    ] {
      #expect(user.contains(part))
    }
    let password = try input("password", in: text)
    for part in ["name=\"password\"", "type=\"password\"", "autocomplete=\"current-password\"", " required"] {
      #expect(password.contains(part))
    }
    #expect(!password.contains("value="))
  }

  @Test("without a ticket there is no field for it, nor for one too long to be ours")
  func noTicket() {
    #expect(!page(LoginForm(token: "t")).contains("name=\"return\""))
    #expect(!page(LoginForm(token: "t", returnTicket: String(repeating: "a", count: 8193))).contains("name=\"return\""))
    #expect(page(LoginForm(token: "t", returnTicket: String(repeating: "a", count: 8192))).contains(String(repeating: "a", count: 8192)))
  }

  @Test("at first the user name has the focus; after a failure it is filled in and the password has it")
  func focus() throws {
    let first = page(LoginForm(token: "t"))
    #expect(try input("user", in: first).contains(" autofocus") && !input("password", in: first).contains(" autofocus"))
    let again = page(LoginForm(token: "t", user: "jo", notice: .wrongCredentials))
    #expect(try input("user", in: again).contains("value=\"jo\"") && !input("user", in: again).contains(" autofocus"))
    #expect(try input("password", in: again).contains(" autofocus"))
  }

  @Test(
    "each failure is announced, describes both fields, and says what it is",
    arguments: [
      (LoginForm.Notice.wrongCredentials, "Wrong user name or password."), (.throttled(retryAfter: 870), "try again in 15 minutes"),
      (.throttled(retryAfter: 1), "try again in a second"), (.formNotSent, "Your session had ended."),
      (.busy, "Your password was not checked."),
    ])
  func failures(notice: LoginForm.Notice, words: String) throws {
    let text = page(LoginForm(token: "t", user: "jo", notice: notice))
    #expect(text.contains("<div id=\"notice\" class=\"notice bad\" role=\"alert\">") && text.contains(words))
    #expect(text.contains("<title>Error: Sign in – Harbour Physio</title>"))
    for id in ["user", "password"] {
      let field = try input(id, in: text)
      #expect(field.contains("aria-describedby=\"notice\""))
      #expect(field.contains("aria-invalid=\"true\"") == (notice == .wrongCredentials))
    }
  }

  @Test("a renewed form is told calmly, not as an error")
  func stale() {
    let text = page(LoginForm(token: "t", notice: .staleForm))
    #expect(text.contains("role=\"status\"") && text.contains("had been open for a while") && !text.contains("role=\"alert\""))
    #expect(text.contains("<title>Sign in – "))
  }

  @Test("without a notice there is none, and no field refers to one")
  func quiet() {
    let text = page(LoginForm(token: "t"))
    #expect(!text.contains("role=\"alert\"") && !text.contains("aria-describedby") && !text.contains("aria-invalid=\""))
  }

  @Test("somebody on the way to a patient is told that the patient opens next")
  func patient() {
    #expect(page(LoginForm(token: "t", opensPatient: true)).contains("The patient you chose opens"))
    #expect(!page(LoginForm(token: "t")).contains("patient you chose"))
  }

  @Test("user name, ticket and token are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let text = page(LoginForm(token: "t" + raw, returnTicket: "r" + raw, user: "u" + raw, notice: .wrongCredentials))
    for letter in ["t", "r", "u"] { #expect(text.contains("value=\"\(letter)\(shown)\"")) }
    #expect(!text.contains("<script"))
  }

  @Test("a user name of any length is shown with 256 characters at most")
  func bounded() throws {
    let field = try input("user", in: page(LoginForm(token: "t", user: String(repeating: "u", count: 100_000), notice: .wrongCredentials)))
    #expect(field.contains("value=\"\(String(repeating: "u", count: 256))\""))
  }
}
