import JOSE
import Testing

@testable import OpenID

@Suite struct AuthorizationAnswerTests {
  private func answer(_ form: String) -> AuthorizationAnswer { AuthorizationAnswer(form: Array(form.utf8)) }

  @Test("a code comes with its state, and perhaps with its issuer")
  func code() {
    #expect(answer("code=a%2Bb&state=s") == .code("a+b", state: "s", issuer: nil))
    #expect(answer("state=s&session_state=x&code=c&iss=https%3A%2F%2Flogin.test") == .code("c", state: "s", issuer: "https://login.test"))
  }

  @Test("an error comes with or without a state")
  func error() {
    #expect(answer("error=access_denied&state=s&error_description=No+way") == .error("access_denied", state: "s", issuer: nil))
    #expect(answer("error=x&iss=i") == .error("x", state: nil, issuer: "i"))
  }

  @Test(
    "what is twice there, contradictory, empty or no text is malformed",
    arguments: [
      "", "&", "&&&", "=", "code=c", "state=s", "code=&state=s", "code=c&state=", "code=c&code=c&state=s", "code=c&state=s&state=s",
      "code=c&state=s&state=", "code=c&state=s&x&x", "code=c&state=s&iss=a&iss=a", "code=c&%63ode=d&state=s", "code=c&error=e&state=s",
      "code=%zz&state=s", "code=%4&state=s", "code=%ff&state=s", "code=a%0Ab&state=s", "code=c&state=%00", "code=c&state=%C3%A4",
    ])
  func malformed(_ form: String) { #expect(answer(form) == .malformed) }

  @Test("each part has its bound, and so have all together")
  func bounds() {
    let text = { (count: Int) in String(repeating: "x", count: count) }
    #expect(answer("code=\(text(8192))&state=\(text(8192))&iss=\(text(2048))") != .malformed)
    for form in ["code=\(text(8193))&state=s", "code=c&state=\(text(8193))", "code=c&state=s&iss=\(text(2049))", "error=\(text(129))"] {
      #expect(answer(form) == .malformed)
    }
    #expect(answer("code=c&state=s&x=\(text(32 << 10))") == .malformed)
    #expect(answer("code=c&state=s" + (0..<30).map { "&p\($0)" }.joined()) != .malformed)
    #expect(answer("code=c&state=s" + (0..<31).map { "&p\($0)" }.joined()) == .malformed)
  }

  @Test("an issuer that is there must be the provider's, and must be there where the provider says that it is")
  func issuer() throws {
    let silent = try metadata()
    let announcing = try metadata(["authorization_response_iss_parameter_supported": .bool(true)])
    for form in ["code=c&state=s", "error=e"] {
      #expect(answer(form).mayCome(from: silent) && !answer(form).mayCome(from: announcing))
      for provider in [silent, announcing] {
        #expect(answer(form + "&iss=https://login.test").mayCome(from: provider))
        #expect(!answer(form + "&iss=https://login.test/").mayCome(from: provider))
        #expect(!answer(form + "&iss=https://evil.test").mayCome(from: provider))
      }
    }
    #expect(!AuthorizationAnswer.malformed.mayCome(from: silent))
  }

  @Test("an issuer that stands for many answers as one of them")
  func tenants() throws {
    let issuer = "https://login.microsoftonline.com/organizations/v2.0"
    let provider = try metadata(["issuer": .text("https://login.microsoftonline.com/{tenantid}/v2.0")], issuer: issuer)
    let tenant = "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0"
    #expect(answer("code=c&state=s&iss=\(tenant)").mayCome(from: provider))
    for other in ["https://login.microsoftonline.com/x/v2.0", "https://evil.test/01234567-89ab-cdef-0123-456789abcdef/v2.0", "\(tenant)/"] {
      #expect(!answer("code=c&state=s&iss=\(other)").mayCome(from: provider))
    }
  }
}
