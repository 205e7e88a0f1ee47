import Testing

@testable import EventLoop

@Suite struct NameResolutionTests {
  @Test("a numeric address stands for itself", arguments: ["127.0.0.1", "::1", "2001:db8::5"])
  func numeric(host: String) { #expect(SocketAddress.resolve(host: host, port: 81) == [SocketAddress(host, port: 81)]) }

  @Test("a name that the system knows leads to its addresses, each once and with the port")
  func name() {
    let found = SocketAddress.resolve(host: "localhost", port: 8080)
    #expect(!found.isEmpty)
    #expect(Set(found).count == found.count)
    #expect(found.allSatisfy { $0.port == 8080 && ($0.host.hasPrefix("127.") || $0.host == "::1") })
  }

  @Test("a name that cannot be leads nowhere", arguments: ["", "a b", "no-such-name.invalid", "[::1]"])
  func nowhere(host: String) { #expect(SocketAddress.resolve(host: host, port: 80).isEmpty) }
}
