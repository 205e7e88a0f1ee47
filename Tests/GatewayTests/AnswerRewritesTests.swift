import Config
import HTTP
import Policy
import Testing

@testable import Gateway

@Suite struct AnswerRewritesTests {
  private static let origin = PublicOrigin(host: Array("app.test".utf8), isSecure: true)

  private func site(_ change: (inout Site) -> Void = { _ in }) -> Site {
    var site = Fixtures.site(users: "users.passwd", upstreams: [])
    site.upstreams = [UpstreamAddress(host: "10.0.0.1", port: 9000)]
    change(&site)
    return site
  }

  private func rewritten(_ rewriting: AnswerRewriting?, _ known: KnownField, _ value: String) -> String? {
    rewriting?.rewritten(known, Array(value.utf8).span, to: Self.origin).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("each of the fields is read in its own way, and no other one")
  func fields() {
    let rewriting = AnswerRewriting(site())
    #expect(rewritten(rewriting, .location, "http://10.0.0.1:9000/x") == "https://app.test/x")
    #expect(rewritten(rewriting, .contentLocation, "http://10.0.0.1:9000/x") == "https://app.test/x")
    #expect(rewritten(rewriting, .refresh, "0;http://10.0.0.1:9000/x") == "0;https://app.test/x")
    #expect(rewritten(rewriting, .setCookie, "a=1; Domain=10.0.0.1") == "a=1")
    #expect(rewritten(rewriting, .setCookie, "a=http://10.0.0.1:9000/x") == nil)
    for known in KnownField.allCases where !AnswerRewriting.fields.contains(known) {
      #expect(rewritten(rewriting, known, "http://10.0.0.1:9000/x") == nil, "\(known)")
    }
  }

  @Test("without rewriting, cookies still get what the site adds, and with neither there is nothing to do")
  func off() {
    let cookies = AnswerRewriting(
      site {
        $0.upstreamSettings.rewrites = false
        $0.cookies.addsSecure = true
      })
    #expect(rewritten(cookies, .location, "http://10.0.0.1:9000/x") == nil)
    #expect(rewritten(cookies, .setCookie, "a=1; Domain=10.0.0.1") == "a=1; Domain=10.0.0.1; Secure")
    #expect(AnswerRewriting(site { $0.upstreamSettings.rewrites = false }) == nil)
  }
}
