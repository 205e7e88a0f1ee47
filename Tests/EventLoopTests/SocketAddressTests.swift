import Testing

@testable import EventLoop

@Suite struct SocketAddressTests {
  @Test(
    "numeric addresses are read and shown in their shortest form",
    arguments: [
      ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("2001:DB8:0::5", "[2001:db8::5]:80"), ("255.255.255.255", "255.255.255.255:80"),
      ("0.0.0.0", "0.0.0.0:80"), ("10.9.100.101", "10.9.100.101:80"), ("1.20.209.99", "1.20.209.99:80"),
    ])
  func numeric(text: String, shown: String) { #expect(SocketAddress(text, port: 80)?.description == shown) }

  @Test("names, brackets and broken numbers are no addresses", arguments: ["localhost", "[::1]", "1.2.3", "1.2.3.256", "", "::g"])
  func refused(text: String) { #expect(SocketAddress(text, port: 80) == nil) }
}
