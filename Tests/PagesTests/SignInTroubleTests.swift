import Testing

@testable import Pages

@Suite("Sign-in trouble")
struct SignInTroubleTests {
  private func page(_ trouble: SignInTrouble, retry: LoginChoice? = nil, others: LoginChoice? = nil, id: String = "r3quest") -> String {
    clinicPages.signInTrouble(trouble, retry: retry, others: others, requestID: id, host: clinicHost).text
  }

  @Test("each says what happened and what to do, in words of its own", arguments: SignInTrouble.allCases)
  func words(_ trouble: SignInTrouble) {
    let text = page(trouble, retry: choices[0])
    #expect(text.contains("<h1>\(trouble.words.title)</h1>\n<p>") && text.contains("<h2>What to do</h2>\n<p>"))
    #expect(text.contains("<dd>\(trouble.status)</dd>") && text.contains("r3quest"))
    #expect(SignInTrouble.allCases.filter { $0.words.title == trouble.words.title }.count == 1)
    for word in ["OpenID", "OAuth", "token", "provider", "redirect"] { #expect(!text.contains(word)) }
  }

  @Test("statuses")
  func statuses() {
    #expect(
      SignInTrouble.allCases.map(\.status) == [403, 403, 503, 403, 502, 400, 400])
  }

  @Test("the way back leads to what was wanted, and says that it is kept")
  func retry() {
    let text = page(.denied, retry: LoginChoice(label: "Try again", address: "/.anteroom/login?with=1&return=t"))
    #expect(text.contains("<a class=\"button\" href=\"/.anteroom/login?with=1&amp;return=t\">Try again</a>"))
    #expect(text.contains("is kept: it opens after you have signed in"))
    #expect(!text.contains("start page"))
  }

  @Test("without a way back nothing is promised, and other logins or the start page are offered")
  func noRetry() {
    #expect(!page(.tooOld).contains("is kept") && page(.tooOld).contains("Go to the start page"))
    let others = page(.tooOld, others: LoginChoice(label: "Others", address: "/.anteroom/login?choose=1"))
    #expect(
      others.contains("href=\"/.anteroom/login?choose=1\">Others</a>") && !others.contains("start page") && !others.contains("is kept"))
  }

  @Test("labels, addresses and the request id are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let choice = LoginChoice(label: "l" + raw, address: "/a" + raw)
    let text = page(.denied, retry: choice, others: choice, id: "i" + raw)
    #expect(text.ranges(of: "href=\"/a\(shown)\">l\(shown.prefix(60))").count == 2 && text.contains("\">i\(shown)</dd>"))
    #expect(!text.contains("<script"))
  }
}
