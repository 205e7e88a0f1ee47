import JOSE
import Testing

@testable import OpenID

@Suite struct EndSessionRequestTests {
  @Test("the request to sign out goes to the address that the provider has for it, if it has one")
  func signOut() throws {
    let request = EndSessionRequest(clientID: "c", returnAddress: "https://a.test/.anteroom/logout", idToken: "t", state: "s")
    #expect(request.address(metadata: try metadata()) == nil)
    #expect(
      request.address(metadata: try metadata(["end_session_endpoint": .text("https://login.test/out?x")]))
        == "https://login.test/out?x&client_id=c&post_logout_redirect_uri=https%3A%2F%2Fa.test%2F.anteroom%2Flogout&id_token_hint=t&state=s"
    )
  }
}
