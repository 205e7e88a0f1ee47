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

  @Test("an address is its bytes in network order", arguments: ["127.0.0.1", "::1", "2001:db8::5:0:ff", "255.1.0.9", "::"])
  func bytes(text: String) throws {
    let address = try #require(SocketAddress(text, port: 80))
    #expect(SocketAddress(bytes: address.bytes, port: 80) == address && address.bytes.count == (address.isIPv6 ? 16 : 4))
    #expect(SocketAddress(bytes: [127, 0, 0, 1], port: 1)?.description == "127.0.0.1:1")
    #expect(try #require(SocketAddress("102:304::f", port: 0)).bytes == [1, 2, 3, 4] + [UInt8](repeating: 0, count: 11) + [15])
    #expect(SocketAddress(bytes: [1, 2, 3], port: 1) == nil)
  }

  @Test("names, brackets and broken numbers are no addresses", arguments: ["localhost", "[::1]", "1.2.3", "1.2.3.256", "", "::g"])
  func refused(text: String) { #expect(SocketAddress(text, port: 80) == nil) }
}
