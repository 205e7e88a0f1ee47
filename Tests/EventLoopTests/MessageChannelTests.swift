import Glibc
import Testing

@testable import EventLoop

@Suite struct MessageChannelTests {
  @Test("messages arrive whole, one by one, and then the end")
  func messages() throws {
    let (one, other) = try MessageChannel.pair()
    #expect(one.send([1, 2, 3], milliseconds: 100))
    #expect(one.send([UInt8](repeating: 7, count: MessageChannel.longest), milliseconds: 100))
    #expect(other.receive(milliseconds: 100) == .message([1, 2, 3]))
    #expect(other.receive(milliseconds: 100) == .message([UInt8](repeating: 7, count: MessageChannel.longest)))
    #expect(other.receive(milliseconds: 1) == .nothing)
    #expect(!one.send([], milliseconds: 1))
    #expect(!one.send([UInt8](repeating: 7, count: MessageChannel.longest + 1), milliseconds: 1))
    #expect(one.send([4], milliseconds: 100))
    one.shut()
    #expect(other.receive(milliseconds: 100) == .message([4]))
    #expect(other.receive(milliseconds: 100) == .end)
    #expect(!other.send([5], milliseconds: 100))
  }

  @Test("what was sent before the other end was closed comes, though that one has not read everything")
  func reset() throws {
    var pair: (MessageChannel, MessageChannel)? = try MessageChannel.pair()
    let ours = try #require(pair?.0)
    #expect(ours.send([1], milliseconds: 100))
    #expect(pair?.1.send([2], milliseconds: 100) == true)
    pair = nil
    #expect(ours.receive(milliseconds: 100) == .message([2]))
    #expect(ours.receive(milliseconds: 100) == .end)
  }

  @Test("one that nobody reads is given up in time")
  func full() throws {
    let (one, other) = try MessageChannel.pair()
    let message = [UInt8](repeating: 1, count: MessageChannel.longest)
    var sent = 0
    while sent < 100, one.send(message, milliseconds: 1) { sent += 1 }
    #expect(sent < 100)
    #expect(other.receive(milliseconds: 100) == .message(message))
    #expect(one.send(message, milliseconds: 1000))
  }

  @Test("nothing but a socket of the kind is adopted")
  func adopting() throws {
    let listener = try System.listen(on: try #require(SocketAddress("127.0.0.1", port: 0)), backlog: 1)
    defer { System.close(listener) }
    for descriptor in [-1, 0, 1, 2, listener, 100_000] { #expect(MessageChannel(adopting: descriptor) == nil) }
    let (one, other) = try MessageChannel.pair()
    let copy = dup(one.descriptor)
    let adopted = try #require(MessageChannel(adopting: copy))
    #expect(fcntl(copy, F_GETFD) & FD_CLOEXEC != 0)
    #expect(adopted.send([9], milliseconds: 100))
    #expect(other.receive(milliseconds: 100) == .message([9]))
  }
}
