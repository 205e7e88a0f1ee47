import Testing

@testable import Login

struct ClientNetworkTests {
  @Test("IPv6 addresses of one /64 are one network, of two they are two")
  func prefix() {
    let a = ClientNetwork(text: "2001:db8:1:2::1")
    #expect(a != nil)
    #expect(a == ClientNetwork(text: "2001:0DB8:1:2:ffff:ffff:ffff:ffff"))
    #expect(a == ClientNetwork(text: "2001:db8:1:2:0:0:192.0.2.1"))
    #expect(a != ClientNetwork(text: "2001:db8:1:3::1"))
  }

  @Test("IPv4 addresses are one network each, mapped into IPv6 or not")
  func ipv4() {
    #expect(ClientNetwork(text: "192.0.2.1") == ClientNetwork(family: 4, prefix: 0xC000_0201))
    #expect(ClientNetwork(text: "192.0.2.1") == ClientNetwork(text: "::ffff:192.0.2.1"))
    #expect(ClientNetwork(text: "192.0.2.1") == ClientNetwork(text: "::ffff:c000:201"))
    #expect(ClientNetwork(text: "192.0.2.1") != ClientNetwork(text: "192.0.2.2"))
    #expect(ClientNetwork(text: "::1") != ClientNetwork(text: "0.0.0.1"))
    #expect(ClientNetwork(text: "fe80::1%eth0") == ClientNetwork(text: "fe80::2"))
  }

  @Test(
    "what is no address is none",
    arguments: [
      "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.+4", "1..2.3", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "g::1",
      "12345::", "1.2.3.4:80", "[::1]", "::1.2.3", "1.2.3.4::", "%", "1:2:3:4:5:6:7:+8", "1:2:3:4::5:6:7:8",
    ])
  func refused(_ text: String) {
    #expect(ClientNetwork(text: text) == nil)
  }
}
