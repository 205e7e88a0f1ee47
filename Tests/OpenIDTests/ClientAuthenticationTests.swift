import JOSE
import Testing

@testable import OpenID

@Suite struct ClientAuthenticationTests {
  @Test("the secret is in the body only where the provider takes it nowhere else")
  func choice() throws {
    let method = { (names: [String]?) throws in
      ClientAuthentication.secret(
        "s", metadata: try metadata(names.map { ["token_endpoint_auth_methods_supported": .array($0.map { .text($0) })] } ?? [:]))
    }
    #expect(try method(nil) == .basic(secret: "s"))
    #expect(try method(["client_secret_post", "client_secret_basic"]) == .basic(secret: "s"))
    #expect(try method(["private_key_jwt"]) == .basic(secret: "s"))
    #expect(try method(["client_secret_post", "private_key_jwt"]) == .post(secret: "s"))
  }

  @Test("an assertion is for the token endpoint, once, for a minute")
  func assertion() throws {
    let claims = ClientAuthentication.assertionClaims(clientID: "c", metadata: try metadata(), id: "j", now: 1000)
    #expect(
      claims
        == .object([
          "iss": .text("c"), "sub": .text("c"), "aud": .text("https://login.test/token"), "jti": .text("j"), "iat": .integer(1000),
          "exp": .integer(1060),
        ]))
  }
}
