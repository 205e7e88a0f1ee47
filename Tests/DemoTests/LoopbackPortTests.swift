import EventLoop
import Testing

@testable import Demo

@Suite struct LoopbackPortTests {
  @Test("a port of the kernel's choice is the same for all addresses, and can be listened on")
  func any() throws {
    let addresses = try LoopbackPort.addresses(port: 0)
    let first = try #require(addresses.first)
    #expect(first.port > 0 && addresses.allSatisfy { $0.port == first.port })
    let descriptor = try System.listen(on: first, backlog: 1)
    System.close(descriptor)
  }

  @Test("a port on which somebody listens is taken, though that one would share it", arguments: ["127.0.0.1", "::1"])
  func taken(host: String) throws {
    let any = try #require(SocketAddress(host, port: 0))
    guard let descriptor = try? System.listen(on: any, backlog: 1) else { return }
    defer { System.close(descriptor) }
    let bound = try #require(System.localAddress(descriptor))
    #expect(throws: LoopbackPort.Fault.taken) { try LoopbackPort.addresses(port: bound.port) }
  }
}
