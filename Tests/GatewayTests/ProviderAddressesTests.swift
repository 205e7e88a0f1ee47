import Config
import Testing

@testable import Gateway

@Suite struct ProviderAddressesTests {
  private func addresses(_ hosts: [HostPattern], _ listeners: [Listener]) -> ProviderAddresses {
    var site = Fixtures.site(users: "/none", upstreams: [])
    site.hosts = hosts
    return ProviderAddresses(site, listeners)
  }

  private let secure = ListenerTLS(certificates: [])

  @Test("each exact host has its addresses, as browsers write them")
  func origins() {
    let hosts: [HostPattern] = [.exact("a.test"), .exact("b.test")]
    let usual = Listener(address: "0.0.0.0", port: 443, tls: secure)
    #expect(addresses(hosts, [usual, Listener(address: "::", port: 443, tls: secure)]).origins == ["https://a.test", "https://b.test"])
    #expect(addresses([hosts[0]], [Listener(address: "::", port: 8443, tls: secure)]).origins == ["https://a.test:8443"])
    #expect(addresses([hosts[0]], [Listener(address: "::", port: 8080)]).origins == ["http://a.test:8080"])
    #expect(addresses([hosts[0]], [Listener(address: "::", port: 8080, scheme: .https)]).origins == ["https://a.test"])
    // What only redirects, or is there beside https, is not where people sign in.
    let redirecting = Listener(address: "::", port: 80, redirectPort: 443)
    #expect(addresses([hosts[0]], [redirecting, usual, Listener(address: "127.0.0.1", port: 8080)]).origins == ["https://a.test"])
  }

  @Test("the lines name all that is to be registered, with a word on hosts that stand for many")
  func lines() {
    let usual = Listener(address: "0.0.0.0", port: 443, tls: secure)
    let found = addresses([.exact("a.test"), .wildcard("clinic.test")], [usual])
    var settings = OpenIDLoginSettings(issuer: "https://login.test", clientID: "c")
    let text = found.lines(settings).joined(separator: "\n")
    for word in [
      "https://login.test", "`c`", "https://a.test/.anteroom/callback", "https://a.test/.anteroom/logout",
      "https://a.test/.anteroom/backchannel", "`*.clinic.test`",
    ] {
      #expect(text.contains(word))
    }
    settings.logout = .local
    #expect(!found.lines(settings).joined().contains("/.anteroom/logout"))
    #expect(found.redirect == "https://a.test/.anteroom/callback")
    #expect(addresses([.wildcard("clinic.test")], [usual]).redirect == "https://clinic.test/.anteroom/callback")
  }
}
