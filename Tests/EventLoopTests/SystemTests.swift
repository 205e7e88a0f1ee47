import Glibc
import Testing

@testable import EventLoop

@Suite struct SystemTests {
  @Test("an accepted connection sends without delay")
  func noDelay() throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let listener = try System.listen(on: any, backlog: 1)
    defer { System.close(listener) }
    let client = try System.connect(to: try #require(System.localAddress(listener)))
    defer { System.close(client) }
    var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, 10_000) == 1)
    let (accepted, _) = try System.accept(listener).get()
    defer { System.close(accepted) }
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    #expect(getsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length) == 0)
    #expect(value != 0)
  }
}
