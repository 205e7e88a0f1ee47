import Testing

@testable import Config

@Suite struct IPNetworkTests {
  private func trusted(_ text: String) -> LoadedConfiguration { load(minimal(top: "trusted_proxies \(text)")) }

  @Test(
    "an address is in a network when its first bits are the network's",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.168.4.0/22", "192.168.7.255", true),
      ("192.168.4.0/22", "192.168.8.0", false), ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
      ("0.0.0.0/0", "8.8.8.8", true),
      ("0.0.0.0/0", "::1", false), ("::/0", "8.8.8.8", false), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
      ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true),
      ("10.0.0.0/8", "::ffff:10.0.0.1", true),
    ])
  func contains(_ network: String, _ address: String, _ expected: Bool) throws {
    let network = try #require(trusted(network).configuration?.trustedProxies.first)
    #expect(network.contains(try #require(IPAddress(address))) == expected)
  }

  @Test(
    "anything else is an error that names the mend",
    arguments: [
      ("10.0.0.1/8", "write `10.0.0.0/8`"), ("10.0.0.0/33", "from 0 to 32"), ("fd00::/129", "from 0 to 128"), ("10.0.0.0/", "from 0 to 32"),
      ("10.0.0.0/a", "from 0 to 32"), ("localhost", "not a name"), ("[::1]", "without brackets"), ("fe80::1%eth0", "without a zone"),
      ("10.0.0", "not a name"), ("fd00::1/8", "write `fd00::/8`"),
    ])
  func bad(_ text: String, _ mend: String) {
    let found = messages(trusted(text))
    #expect(found.count == 1 && found.first?.contains("error: `\(text)` is ") == true && found.first?.contains(mend) == true, "\(found)")
    #expect(trusted(text).configuration == nil)
  }

  @Test("several networks in one line and in several; everybody is warned of; nobody without a line")
  func lines() {
    #expect(
      load(minimal(top: "trusted_proxies 10.0.0.0/8 ::1\ntrusted_proxies 127.0.0.1")).configuration?.trustedProxies.map(\.text) == [
        "10.0.0.0/8", "0:0:0:0:0:0:0:1/128", "127.0.0.1/32",
      ])
    #expect(messages(trusted("::/0")).first?.contains("warning: `::/0` is every address: every client may name any address") == true)
    #expect(load(minimal()).configuration?.trustedProxies == [])
    #expect(messages(load(minimal(site: "trusted_proxies 10.0.0.0/8"))).first?.contains("it belongs in the top level") == true)
  }
}
