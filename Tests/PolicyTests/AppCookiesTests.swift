import Config
import Testing

@testable import Policy

@Suite struct AppCookiesTests {
  private static let secure = PublicOrigin(host: Array("app.example.com".utf8), isSecure: true)
  private static let plain = PublicOrigin(host: Array("app.example.com:8080".utf8), isSecure: false)
  private static let addresses = {
    var site = site()
    site.upstreams = [UpstreamAddress(host: "app.clinic.internal", port: 9000), UpstreamAddress(host: "10.0.0.1", port: 80)]
    site.upstreamSettings.inner = [InnerAddress(address: UpstreamAddress(host: "example.com", port: 8080), prefix: "/clinic")]
    return InnerAddresses(site: site)
  }()
  private static let all = AppCookieSettings(addsSecure: true, addsSameSite: true)

  private func cookie(
    _ text: String, _ settings: AppCookieSettings = AppCookieSettings(), addresses: InnerAddresses? = addresses,
    to origin: PublicOrigin = secure
  ) -> String? {
    AppCookies(settings, addresses: addresses).rewritten(Array(text.utf8).span, to: origin).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "a domain that only an inner host is in is taken off",
    arguments: ["app.clinic.internal", ".app.clinic.internal", "APP.Clinic.Internal", "clinic.internal", "10.0.0.1"])
  func innerDomain(_ domain: String) {
    #expect(cookie("sid=1; Domain=\(domain); HttpOnly") == "sid=1; HttpOnly")
    #expect(cookie("sid=1;domain = \(domain) ;Max-Age=0") == "sid=1;Max-Age=0")
    #expect(cookie("sid=1; DOMAIN=\(domain)") == "sid=1")
    #expect(cookie("sid=1; Domain=\(domain)", addresses: nil) == nil)
  }

  @Test(
    "every other domain stays: the public host, what it is in, and what is nobody's",
    arguments: [
      "app.example.com", ".app.example.com", "example.com", ".Example.com", "evil.test", "", ".", "pp.clinic.internal", "x.10.0.0.1",
    ])
  func otherDomain(_ domain: String) {
    #expect(cookie("sid=1; Domain=\(domain)") == nil)
  }

  @Test("of several domains the last one counts, and none is left to take its place")
  func domains() {
    #expect(cookie("sid=1; Domain=example.com; Path=/; Domain=10.0.0.1; Secure") == "sid=1; Path=/; Secure")
    #expect(cookie("sid=1; Domain=10.0.0.1; Domain=example.com") == nil)
    #expect(cookie("sid=1; Domain=10.0.0.1; Domain") == nil)
  }

  @Test("an inner path is taken off")
  func path() {
    #expect(cookie("sid=1; Path=/clinic; HttpOnly") == "sid=1; Path=/; HttpOnly")
    #expect(cookie("sid=1; path= /clinic/a ") == "sid=1; path= /a ")
    #expect(cookie("sid=1; Path=/x; Path=/clinic/") == "sid=1; Path=/x; Path=/")
    #expect(cookie("sid=1; Domain=10.0.0.1; Path=/clinic/a; Domain=10.0.0.1") == "sid=1; Path=/a")
    for path in ["/", "/clinics", "/Clinic", "clinic", "", "/a/clinic"] { #expect(cookie("sid=1; Path=\(path)") == nil, "\(path)") }
    #expect(cookie("sid=1; Path=/clinic/; Path=/x") == nil)
  }

  @Test("attributes are added where the app says nothing of them")
  func added() {
    #expect(cookie("sid=1", Self.all) == "sid=1; Secure; SameSite=Lax")
    #expect(cookie("sid=1; HttpOnly", AppCookieSettings(addsSecure: true)) == "sid=1; HttpOnly; Secure")
    #expect(cookie("sid=1;", AppCookieSettings(addsSameSite: true)) == "sid=1;; SameSite=Lax")
    #expect(cookie("sid=1; Domain=10.0.0.1", Self.all, addresses: nil) == "sid=1; Domain=10.0.0.1; Secure; SameSite=Lax")
    #expect(cookie("sid=Secure; SameSiteX=None; xSecure", Self.all) == "sid=Secure; SameSiteX=None; xSecure; Secure; SameSite=Lax")
    #expect(cookie("Secure=SameSite", Self.all) == "Secure=SameSite; Secure; SameSite=Lax")
  }

  @Test(
    "what the app says stays, and is not doubled",
    arguments: [
      "sid=1; Secure; SameSite=None", "sid=1; SECURE ; samesite=Strict", "sid=1;SameSite=Lax;secure", "sid=1; Secure=x; SameSite",
    ])
  func kept(_ text: String) {
    #expect(cookie(text, Self.all) == nil)
  }

  @Test("over plain HTTP a browser would refuse a cookie that is Secure, and gets none")
  func plainHTTP() {
    #expect(cookie("sid=1", AppCookieSettings(addsSecure: true), to: Self.plain) == nil)
    #expect(cookie("sid=1", Self.all, to: Self.plain) == "sid=1; SameSite=Lax")
  }

  @Test(
    "nothing is done without need",
    arguments: ["", "=", ";", "sid", "sid=1", "sid=Domain=10.0.0.1", "Domain=10.0.0.1", "sid=1; Path=/; HttpOnly"])
  func untouched(_ text: String) {
    #expect(cookie(text) == nil)
  }
}
