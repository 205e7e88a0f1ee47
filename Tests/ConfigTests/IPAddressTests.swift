import Testing

@testable import Config

@Suite struct IPAddressTests {
  @Test(
    "addresses of both families are read",
    arguments: [
      "127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "::ffff:10.0.0.1",
      "1:2:3:4:5:6:1.2.3.4",
    ])
  func valid(_ text: String) { #expect(IPAddress(text) != nil) }

  @Test(
    "anything else is not",
    arguments: [
      "", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", "localhost", "1::2::3", "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::", "12345::", "g::", ":1", "1:", "::1%eth0", "[::1]", "1.2.3.4::", "+1::", "::-0",
    ])
  func invalid(_ text: String) { #expect(IPAddress(text) == nil) }

  @Test(
    "loopback and networks that are not routed are private",
    arguments: [
      "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1", "100.64.0.1", "::1", "fc00::1",
      "fd12::1", "fe80::1", "::ffff:192.168.1.1",
    ])
  func privateAddresses(_ text: String) { #expect(IPAddress(text)?.isPrivate == true) }

  @Test(
    "others are public, those for every address included",
    arguments: ["0.0.0.0", "::", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "fec0::1", "::ffff:8.8.8.8"])
  func publicAddresses(_ text: String) { #expect(IPAddress(text)?.isPrivate == false) }
}
