import JOSE
import Testing

@testable import OpenID

@Suite struct ProviderMetadataTests {
  private static let issuer = "https://login.example.com/realms/clinic"
  private static let document: [String: JSONValue] = [
    "issuer": .text(issuer), "authorization_endpoint": .text(issuer + "/auth?x=1"), "token_endpoint": .text(issuer + "/token"),
    "jwks_uri": .text(issuer + "/certs"), "id_token_signing_alg_values_supported": .array([.text("HS256"), .text("none"), .text("ES256")]),
    "response_types_supported": .array([.text("code")]),
  ]

  private func read(
    _ changes: [String: JSONValue] = [:], without: String? = nil, issuer: String = issuer
  ) -> Result<ProviderMetadata, ProviderFault> {
    var document = Self.document.merging(changes) { $1 }
    if let without { document[without] = nil }
    return Result { () throws(ProviderFault) in try ProviderMetadata(.object(document), issuer: issuer) }
  }

  private func isRefused(_ result: Result<ProviderMetadata, ProviderFault>) -> Bool { if case .failure = result { true } else { false } }

  @Test func readsWhatThereIs() throws {
    let least = try read().get()
    #expect(least.issuer == Self.issuer && least.tokenIssuer == Self.issuer)
    #expect(least.authorizationEndpoint == Self.issuer + "/auth?x=1")
    #expect(least.keysAddress == Self.issuer + "/certs")
    #expect(least.algorithms == [.es256])
    #expect(least.tokenAuthMethods == ["client_secret_basic"])
    #expect(!least.announcesIssuer && !least.offersFormPost && least.userinfoEndpoint == nil && least.endSessionEndpoint == nil)
    let more = try read([
      "userinfo_endpoint": .text("https://u.example/"), "end_session_endpoint": .text("https://e.example/out"),
      "authorization_response_iss_parameter_supported": .bool(true),
      "response_modes_supported": .array([.text("query"), .text("form_post")]),
      "token_endpoint_auth_methods_supported": .array([.text("private_key_jwt")]),
    ]).get()
    #expect(more.userinfoEndpoint == "https://u.example/" && more.endSessionEndpoint == "https://e.example/out")
    #expect(more.announcesIssuer && more.offersFormPost && more.tokenAuthMethods == ["private_key_jwt"])
    #expect(try read(without: "id_token_signing_alg_values_supported").get().algorithms == [.rs256])
  }

  @Test func theIssuerIsTheConfiguredOne() {
    for other in [Self.issuer + "/", "https://evil.example", "https://login.example.com/realms/Clinic"] {
      #expect(isRefused(read(["issuer": .text(other)])), "\(other)")
    }
    #expect(isRefused(read(without: "issuer")))
    #expect(isRefused(read(["issuer": .text("https://\u{212A}.example")], issuer: "https://K.example")))
    let any = "https://login.microsoftonline.com/{tenantid}/v2.0"
    #expect(isRefused(read(["issuer": .text(any)])))
    for name in ["common", "organizations", "consumers"] {
      let configured = "https://login.microsoftonline.com/\(name)/v2.0"
      #expect((try? read(["issuer": .text(any)], issuer: configured).get())?.tokenIssuer == any)
      #expect(
        isRefused(
          read(["issuer": .text("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0")], issuer: configured)))
    }
  }

  @Test func namesTheMend() {
    guard case .failure(let fault) = read(["issuer": .text(Self.issuer + "/\u{7}")]) else { return #expect(Bool(false)) }
    #expect(fault.description.contains("issuer \(Self.issuer)/?"))
  }

  @Test func endpointsAreNeededAndProtected() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
      #expect(isRefused(read(without: name)), "\(name)")
      #expect(isRefused(read([name: .integer(1)])), "\(name)")
    }
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"] {
      #expect(isRefused(read([name: .text("http://login.example.com/x")])), "\(name)")
      #expect(!isRefused(read([name: .text("http://127.0.0.1:8080/x")])), "\(name)")
    }
    #expect(!isRefused(read(["userinfo_endpoint": .null])))
  }

  @Test func needsAnAlgorithmAndAFlowThatAreUsedHere() {
    #expect(isRefused(read(["id_token_signing_alg_values_supported": .array([.text("HS256"), .text("none")])])))
    #expect(isRefused(read(["response_types_supported": .array([.text("id_token")])])))
  }
}
