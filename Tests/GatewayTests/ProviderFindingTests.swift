import Config
import JOSE
import OpenID
import Testing

@testable import Gateway

@Suite struct ProviderFindingTests {
  private func found(
    _ changes: [String: JSONValue] = [:], _ change: (inout OpenIDLoginSettings) -> Void = { _ in }
  ) throws -> [ProviderFinding] {
    let members: [String: JSONValue] = [
      "issuer": .text("https://login.test"), "authorization_endpoint": .text("https://login.test/authorize"),
      "token_endpoint": .text("https://login.test/token"), "jwks_uri": .text("https://login.test/keys"),
      "end_session_endpoint": .text("https://login.test/out"), "id_token_signing_alg_values_supported": .array([.text("RS256")]),
    ]
    let document = JSONValue.object(members.merging(changes) { $1 })
    var settings = OpenIDLoginSettings(issuer: "https://login.test", clientID: "c", credential: .secret("s"))
    change(&settings)
    return ProviderFinding.ofMetadata(document, try ProviderMetadata(document, issuer: "https://login.test"), settings)
  }

  private func texts(_ texts: String...) -> JSONValue { .array(texts.map { .text($0) }) }

  @Test("a provider that says no more than it must is fine")
  func silent() throws { #expect(try found() == []) }

  @Test("a clock is off when it differs by more than a minute, whatever the way took")
  func clock() {
    let find = { ProviderFinding.ofClock($0, asked: 1000, answered: 1010) }
    for date in [nil, 940, 1000, 1005, 1010, 1070] as [Int64?] { #expect(find(date) == []) }
    #expect(find(939).first.map { $0.isError && $0.message.contains("61 s ahead of") } == true)
    #expect(find(1071).first.map { $0.isError && $0.message.contains("61 s behind") } == true)
  }

  @Test("PKCE without S256 is an error, and a missing list is none")
  func pkce() throws {
    #expect(try found(["code_challenge_methods_supported": texts("plain")]).map(\.isError) == [true])
    #expect(try found(["code_challenge_methods_supported": texts("plain", "S256")]) == [])
  }

  @Test("scopes and claims that are not listed are told of")
  func lists() throws {
    let scopes = try found(["scopes_supported": texts("openid", "email")])
    #expect(scopes.count == 1 && !scopes[0].isError && scopes[0].message.contains("`profile`"))
    let claims = try found(["claims_supported": texts("preferred_username", "name", "email")]) {
      $0.allow = [.group("g"), .claim(name: "hd", value: "x"), .claim(name: "hd", value: "y"), .emailDomain("d")]
    }
    #expect(claims.map { $0.message.contains("`groups`") || $0.message.contains("`hd`") } == [true, true])
    #expect(try found(["claims_supported": texts("preferred_username", "name", "email")]) == [])
  }

  @Test("what the settings ask for and the provider does not offer is told of")
  func offers() throws {
    #expect(try found(["response_modes_supported": texts("query")]) { $0.responseMode = .formPost }.map(\.isError) == [true])
    #expect(try found(["response_modes_supported": texts("query")]) == [])
    #expect(try found(["end_session_endpoint": .null]).map(\.isError) == [false])
    #expect(try found(["end_session_endpoint": .null]) { $0.logout = .local } == [])
    #expect(try found { $0.credential = .privateKey(path: "/k") }.first?.message.contains("private_key_jwt") == true)
    #expect(try found(["token_endpoint_auth_methods_supported": texts("none")]) { $0.credential = .none } == [])
  }

  @Test("only the credentials' own refusal is an error")
  func refusals() {
    let find = { ProviderFinding.ofRefusal(TokenRefusal(code: $0)).map(\.isError) }
    #expect(find("invalid_client") == [true] && find("unauthorized_client") == [true])
    #expect(find("invalid_grant") == [] && find("invalid_request") == [] && find("server_error") == [false])
  }
}
