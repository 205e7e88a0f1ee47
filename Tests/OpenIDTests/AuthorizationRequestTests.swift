import Config
import JOSE
import Testing

@testable import OpenID

@Suite struct AuthorizationRequestTests {
  private func request() -> AuthorizationRequest {
    AuthorizationRequest(
      clientID: "ante room", redirectURI: "https://a.test/.anteroom/callback", scopes: ["openid", "email"], state: "s&t", nonce: "n",
      verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
  }

  @Test("every parameter is there, escaped, and of the verifier only its challenge")
  func parameters() throws {
    // The verifier and its challenge are those of RFC 7636, appendix B.
    #expect(
      request().address(metadata: try metadata())
        == "https://login.test/authorize?response_type=code&client_id=ante%20room&redirect_uri=https%3A%2F%2Fa.test%2F.anteroom%2Fcallback"
        + "&scope=openid%20email&state=s%26t&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256")
  }

  @Test("what is optional is said only where it is wanted")
  func optional() throws {
    var settings = OpenIDLoginSettings(issuer: "https://login.test", clientID: "c")
    settings.responseMode = .formPost
    settings.maxAge = .seconds(3600)
    let request = AuthorizationRequest(settings, redirectURI: "r", state: "s", nonce: "n", verifier: "v", prompt: "login")
    #expect(request.address(metadata: try metadata()).hasSuffix("&response_mode=form_post&max_age=3600&prompt=login"))
    #expect(request.scopes == ["openid", "profile", "email"])
  }

  @Test("an endpoint may have a query already", arguments: ["?tenant=x": "&", "?": "", "?a&": ""])
  func endpointQuery(_ query: String, _ separator: String) throws {
    let endpoint = "https://login.test/a\(query)"
    let address = request().address(metadata: try metadata(["authorization_endpoint": .text(endpoint)]))
    #expect(address.hasPrefix("\(endpoint)\(separator)response_type=code&"))
  }
}
