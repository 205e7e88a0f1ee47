import Testing

@testable import OpenID

@Suite struct TokenRequestTests {
  private func request(_ authentication: ClientAuthentication, _ grant: TokenRequest.Grant = .refresh("r t")) -> (String, String?) {
    let request = TokenRequest(grant, clientID: "an:te", authentication: authentication)
    return (String(decoding: request.form, as: UTF8.self), request.authorization)
  }

  @Test("a code goes with its verifier and the address that it was sent to")
  func code() {
    let (form, _) = request(.none, .code("c+d", verifier: "v", redirectURI: "https://a.test/cb"))
    #expect(form == "grant_type=authorization_code&code=c%2Bd&redirect_uri=https%3A%2F%2Fa.test%2Fcb&code_verifier=v&client_id=an%3Ate")
  }

  @Test("name and secret are escaped before they are put together")
  func basic() {
    let (form, authorization) = request(.basic(secret: "p%s:s w~rd?>"))
    #expect(form == "grant_type=refresh_token&refresh_token=r%20t")
    // an%3Ate:p%25s%3As%20w~rd%3F%3E
    #expect(authorization == "Basic YW4lM0F0ZTpwJTI1cyUzQXMlMjB3fnJkJTNGJTNF")
  }

  @Test("base64 has its own alphabet and padding", arguments: ["a": "YW4lM0F0ZTph", "ab": "YW4lM0F0ZTphYg==", "a~~~": "YW4lM0F0ZTphfn5+"])
  func base64(_ secret: String, _ encoded: String) { #expect(request(.basic(secret: secret)).1 == "Basic \(encoded)") }

  @Test("a secret in the body, an assertion, or nothing but the client's name")
  func others() {
    let grant = "grant_type=refresh_token&refresh_token=r%20t&client_id=an%3Ate"
    #expect(request(.post(secret: "s&t")) == ("\(grant)&client_secret=s%26t", nil))
    #expect(request(.none) == (grant, nil))
    let type = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    #expect(request(.assertion("a.b.c")) == ("\(grant)&client_assertion_type=\(type)&client_assertion=a.b.c", nil))
  }
}
