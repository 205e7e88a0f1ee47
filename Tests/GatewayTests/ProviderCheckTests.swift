import Config
import TestKeys
import TestServers
import Testing

@testable import Gateway

@Suite struct ProviderCheckTests {
  /// What is found at a provider that answers these, and says `refusal` to a code.
  private func report(
    _ refusal: String = "invalid_grant", keys: String? = nil, date: String? = nil, issuer: String? = nil
  ) throws -> ProviderCheck.Report {
    let key = try TestKey(.p256)
    let port = try freePort()
    let own = "http://127.0.0.1:\(port)"
    let server = try TestServer(port: port) { connection in
      let request = connection.request()
      if request.contains("/.well-known/openid-configuration ") {
        connection.answer(
          200, date.map { ["Date: \($0)"] } ?? [],
          """
          {"issuer":"\(issuer ?? own)","authorization_endpoint":"\(own)/a","token_endpoint":"\(own)/token","jwks_uri":"\(own)/keys",
          "end_session_endpoint":"\(own)/out","id_token_signing_alg_values_supported":["ES256"]}
          """)
      } else if request.contains("/keys ") {
        connection.answer(keys ?? "{\"keys\":[\(key.jwk())]}")
      } else {
        connection.answer(400, [], "{\"error\":\"\(refusal)\"}")
      }
    }
    defer { server.stop() }
    return ask(OpenIDLoginSettings(issuer: own, clientID: "c", credential: .secret("s")))
  }

  private func freePort() throws -> UInt16 {
    let server = try TestServer { _ in }
    defer { server.stop() }
    return server.address.port
  }

  private func ask(_ settings: OpenIDLoginSettings) -> ProviderCheck.Report {
    var site = Fixtures.site(users: "/none", upstreams: [])
    site.logins = [LoginSettings(.openID(settings))]
    return ProviderCheck.report([site, site], [Listener(address: "127.0.0.1", port: 80)])
  }

  @Test("a provider that fits has nothing to be told of, and what to register is said")
  func fine() throws {
    let report = try report()
    #expect(report.diagnostics == [] && report.lines.contains { $0.contains("http://app.test/") && $0.hasSuffix("/.anteroom/callback") })
  }

  @Test("what is wrong is told with its mend")
  func wrong() throws {
    let first = { (report: ProviderCheck.Report) in report.diagnostics.map { "\($0)" }.joined(separator: "\n") }
    #expect(first(try report("invalid_client")).contains("credentials"))
    #expect(first(try report(keys: #"{"keys":[]}"#)).contains("key"))
    #expect(first(try report(date: "Sun, 06 Nov 1994 08:49:37 GMT")).contains("clock"))
    #expect(first(try report(issuer: "https://other.test")).contains("https://other.test"))
    let down = OpenIDLoginSettings(issuer: "http://127.0.0.1:\(try freePort())", clientID: "c")
    #expect(first(ask(down)).contains("Connection refused"))
    var files = down
    files.authorities = "/nowhere/ca.pem"
    #expect(first(ask(files)).contains("/nowhere/ca.pem"))
  }
}
