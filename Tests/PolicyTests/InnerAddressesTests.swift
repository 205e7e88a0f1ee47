import Config
import Testing

@testable import Policy

@Suite struct InnerAddressesTests {
  private static func addresses(_ upstreams: UpstreamAddress..., inner: InnerAddress...) -> InnerAddresses {
    var site = site()
    site.upstreams = upstreams
    site.upstreamSettings.inner = inner
    return InnerAddresses(site: site)
  }

  private static let app = addresses(
    UpstreamAddress(host: "10.0.0.1", port: 9000), UpstreamAddress(host: "app.internal", port: 80),
    inner: InnerAddress(address: UpstreamAddress(host: "old.internal", port: 443, isSecure: true)),
    InnerAddress(address: UpstreamAddress(host: "app.internal", port: 8080), prefix: "/clinic"))
  private static let secure = PublicOrigin(host: Array("app.example.com".utf8), isSecure: true)
  private static let plain = PublicOrigin(host: Array("App.example.com:8080".utf8), isSecure: false)

  private func location(_ text: String, _ addresses: InnerAddresses = app, to origin: PublicOrigin = secure) -> String? {
    addresses.rewritten(Array(text.utf8).span, to: origin).map { String(decoding: $0, as: UTF8.self) }
  }

  private func refresh(_ text: String) -> String? {
    Self.app.rewritten(refresh: Array(text.utf8).span, to: Self.secure).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "an inner origin becomes the public one, and what follows stays byte for byte",
    arguments: ["", "/", "/a%2fb/../c?x=1&y=http://10.0.0.1:9000/#f", "?q", "#f", "//evil.test/", "/\\evil.test", "/a b\t\u{E4}", "/:@/"])
  func rest(_ rest: String) {
    #expect(location("http://10.0.0.1:9000" + rest) == "https://app.example.com" + rest)
    #expect(location("//10.0.0.1:9000" + rest) == "https://app.example.com" + rest)
    #expect(location("https://old.internal" + rest) == "https://app.example.com" + rest)
    #expect(location("http://10.0.0.1:9000" + rest, to: Self.plain) == "http://App.example.com:8080" + rest)
  }

  @Test("letters of any case are the same, and the port that goes without saying may be said")
  func spellings() {
    for address in ["HTTP://App.INTERNAL/x", "http://app.internal:80/x", "https://OLD.internal:443/x", "hTTps://old.internal/x"] {
      #expect(location(address) == "https://app.example.com/x", "\(address)")
    }
  }

  @Test("an IPv6 address is the same in every spelling")
  func ipv6() {
    let addresses = Self.addresses(UpstreamAddress(host: "fd00:0:0:0::1", port: 9000))
    #expect(location("http://[fd00::1]:9000/x", addresses) == "https://app.example.com/x")
    #expect(location("http://[FD00:0::0:1]:9000/x", addresses) == "https://app.example.com/x")
    #expect(location("http://[fd00::2]:9000/x", addresses) == nil)
    #expect(location("http://[fd00::1%25eth0]:9000/x", addresses) == nil)
    #expect(location("http://[fd00::1:9000/x", addresses) == nil)
    #expect(location("http://[fd00::1].evil.test:9000/x", addresses) == nil)
  }

  @Test(
    "an address that is another one in any reading stays as it is",
    arguments: [
      "http://10.0.0.1:9000.evil.test/", "http://10.0.0.1:90001/", "http://10.0.0.1:09000/", "http://10.0.0.1/", "http://10.0.0.1:/",
      "http://10.0.0.1:9000@evil.test/", "http://user@10.0.0.1:9000/", "http://user:x@10.0.0.1:9000/", "http://@10.0.0.1:9000/",
      "http://10.0.0.1:9000\\@evil.test/", "http://10.0.0.1:9000\\.evil.test/", "http://10.0.0.1:9000\t/", "http://\t10.0.0.1:9000/",
      "http://10.0.0.1:9000 /", "http:\\\\10.0.0.1:9000/", "http:/10.0.0.1:9000/", "http:10.0.0.1:9000/", "http:///10.0.0.1:9000/",
      "\\\\10.0.0.1:9000/", "/\\10.0.0.1:9000/", "///10.0.0.1:9000/", " http://10.0.0.1:9000/", "ht\ttp://10.0.0.1:9000/",
      "http://10.0.0.1:9000;x/", "http://10.0.0.1:9000%2f/", "http://10.0.0.1.:9000/", "http://167772161:9000/", "http://0xa.0.0.1:9000/",
      "http://xapp.internal/", "http://app.internal.evil.test/", "http://evil.test/http://10.0.0.1:9000/", "http://app%2einternal/",
      "https://10.0.0.1:9000/", "http://old.internal/", "http://old.internal:443/", "ftp://10.0.0.1:9000/", "javascript:alert(1)",
      "http://", "//", "http", "", "http://evil.test/", "https://app.example.com/", "/x", "x", "?q", "#f", "../x",
    ])
  func others(_ address: String) {
    #expect(location(address) == nil)
  }

  @Test("an inner path is taken off as whole segments, and what is left begins with a slash")
  func prefix() {
    #expect(location("http://app.internal:8080/clinic") == "https://app.example.com/")
    #expect(location("http://app.internal:8080/clinic/") == "https://app.example.com/")
    #expect(location("http://app.internal:8080/clinic/a?b#c") == "https://app.example.com/a?b#c")
    #expect(location("http://app.internal:8080/clinic?b") == "https://app.example.com/?b")
    #expect(location("http://app.internal:8080/clinic#c") == "https://app.example.com/#c")
    #expect(location("http://app.internal:8080/clinic//evil.test") == "https://app.example.com//evil.test")
    for address in ["/clinics", "/Clinic/", "/", "", "/x/clinic/", "/%63linic/", "?/clinic/"] {
      #expect(location("http://app.internal:8080" + address) == nil, "\(address)")
    }
  }

  @Test("of two inner paths the longer one is taken off")
  func longest() {
    let address = UpstreamAddress(host: "app.internal", port: 8080)
    let addresses = Self.addresses(
      address, inner: InnerAddress(address: address, prefix: "/a"), InnerAddress(address: address, prefix: "/a/b"))
    #expect(location("http://app.internal:8080/a/b/c", addresses) == "https://app.example.com/c")
    #expect(location("http://app.internal:8080/a/c", addresses) == "https://app.example.com/c")
    #expect(location("http://app.internal:8080/c", addresses) == "https://app.example.com/c")
  }

  @Test("the public host without TLS becomes https where browsers use that, and only there")
  func publicHost() {
    #expect(location("http://app.example.com/x?y") == "https://app.example.com/x?y")
    #expect(location("http://APP.example.com:80/x") == "https://app.example.com/x")
    #expect(location("http://app.example.com:8080/x") == nil)
    #expect(location("http://other.example.com/x") == nil)
    #expect(location("//app.example.com/x") == nil)
    #expect(location("http://app.example.com:8080/x", to: Self.plain) == nil)
    let withPort = PublicOrigin(host: Array("app.example.com:8443".utf8), isSecure: true)
    #expect(location("http://app.example.com:8443/x", to: withPort) == "https://app.example.com:8443/x")
    #expect(location("http://app.example.com/x", to: withPort) == nil)
  }

  @Test("what was rewritten is not rewritten again: no address leads from the public origin to another one")
  func settled() {
    for address in ["http://10.0.0.1:9000/x", "http://app.internal:8080/clinic/clinic/x", "http://app.example.com/x"] {
      #expect(location(address).flatMap { location($0) } == nil)
    }
  }

  @Test("a Refresh is rewritten where browsers find its address")
  func refreshes() {
    #expect(refresh("5; url=http://10.0.0.1:9000/x") == "5; url=https://app.example.com/x")
    #expect(refresh("0;URL='http://10.0.0.1:9000/x'; y") == "0;URL='https://app.example.com/x'; y")
    #expect(refresh("0;url=\"http://10.0.0.1:9000/x") == "0;url=\"https://app.example.com/x")
    #expect(refresh("0.5 ,\turl = http://10.0.0.1:9000/x") == "0.5 ,\turl = https://app.example.com/x")
    #expect(refresh("0 http://10.0.0.1:9000/x") == "0 https://app.example.com/x")
    #expect(refresh("0;http://10.0.0.1:9000/x") == "0;https://app.example.com/x")
    for value in [
      "5", "", ";", "5;", "5; url", "5; url=", "5; url=/x", "5http://10.0.0.1:9000/", "5;;http://10.0.0.1:9000/",
      "x; url=http://10.0.0.1:9000/", "5;url='",
    ] {
      #expect(refresh(value) == nil, "\(value)")
    }
    #expect(refresh("5; url=http://10.0.0.1:9000.evil.test/") == nil)
    #expect(refresh("5; url=http://evil.test/; url=http://10.0.0.1:9000/") == nil)
  }
}
