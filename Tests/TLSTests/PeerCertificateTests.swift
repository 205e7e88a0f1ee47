import TestCertificates
import Testing

@testable import TLS

@Suite struct PeerCertificateTests {
  private let authority: Authority

  init() throws { authority = try Authority("staff authority") }

  private func server() throws -> TLSServer {
    let (chain, key) = try authority.issue("DNS:app.test")
    return try TLSServer(
      TLSServerSettings(
        certificates: [(Certificate(chain: chain, key: key), nil)], clientAuthorities: authority.pem, clientMustHaveCertificate: false,
        clock: { 0 }), tickets: TicketSecrets { 0 })
  }

  /// What a server learns of a client whose certificate has this common name; `nil` for a client without one.
  private func seen(_ subject: String?) throws -> PeerCertificate? {
    let own = try subject.map { try authority.issue("DNS:client.test", subject: $0) }
    let certificate = try own.map { try Certificate(chain: $0.chain, key: $0.key) }
    let pair = try Pair(server(), TLSClient(TLSClientSettings(authorities: authority.pem, certificate: certificate)))
    #expect(pair.server.peerCertificate == nil)
    #expect(pair.handshake().server == .done)
    if let certificate {
      let hexadecimal = certificate.facts.fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(pair.server.peerCertificate?.fingerprint == hexadecimal)
    }
    return pair.server.peerCertificate
  }

  @Test("a client's certificate is told with its names, and that there is none as well")
  func names() throws {
    let seen = try #require(try seen("ann"))
    #expect(seen.subject == "CN=ann" && seen.issuer == "CN=staff authority" && seen.fingerprint.count == 64)
    #expect(try self.seen(nil) == nil)
  }

  @Test(
    "whatever a name is made of, it stays one value of printable ASCII",
    arguments: [
      ("a,b+c\"d\\e<f>g;h", "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h"), ("#a ", "CN=\\#a\\ "), ("é", "CN=\\C3\\A9"),
      ("a\r\nX-Auth-User: root", "CN=a\\0D\\0AX-Auth-User: root"), ("a\u{0}b", "CN=a\\00b"), ("\u{7F}\u{1B}", "CN=\\7F\\1B"),
      ("ａ\u{202E}", "CN=\\EF\\BD\\81\\E2\\80\\AE"),
    ])
  func escaped(_ name: String, _ expected: String) throws { #expect(try seen(name)?.subject == expected) }

  @Test("it is known again when the session is taken up again")
  func resumed() throws {
    let server = try server()
    let own = try authority.issue("DNS:client.test", subject: "ann")
    let client = try TLSClient(
      TLSClientSettings(authorities: authority.pem, certificate: Certificate(chain: own.chain, key: own.key)))
    let first = try Pair(server, client)
    _ = first.handshake()
    #expect(first.server.send([1], 0..<1) == .moved(1))
    var room = [UInt8](repeating: 0, count: 100)
    #expect(first.client.receive(into: &room, from: 0) != .failed)
    let session = try #require(first.client.session)
    let second = try Pair(server, client, session: session)
    #expect(second.handshake().server == .done && second.server.isResumed)
    #expect(second.server.peerCertificate?.subject == "CN=ann" && second.server.peerCertificate == first.server.peerCertificate)
  }
}
