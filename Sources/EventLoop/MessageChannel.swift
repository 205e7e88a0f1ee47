import CLinux
import Glibc

/// One end of a pair of sockets that carry whole messages between two processes, for threads that may wait.
package final class MessageChannel: Sendable {
  /// What came of waiting for a message.
  package enum Received: Equatable {
    case message([UInt8])
    /// The other end is closed, or its process gone.
    case end
    /// Nothing in time.
    case nothing
  }

  /// Longer messages are not sent.
  package static let longest = 64 << 10

  package let descriptor: Int32

  /// Two ends that belong together.
  package static func pair() throws(SystemError) -> (MessageChannel, MessageChannel) {
    var ends: [Int32] = [-1, -1]
    // Safe: two numbers are written into an array of two.
    guard unsafe anteroom_message_pair(&ends) == 0 else { throw SystemError("socketpair", anteroom_errno()) }
    return (MessageChannel(descriptor: ends[0]), MessageChannel(descriptor: ends[1]))
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// Takes over an end that this process was started with; `nil` if the descriptor is none.
  package init?(adopting descriptor: Int32) {
    guard descriptor > STDERR_FILENO, anteroom_carries_messages(descriptor) == 1, anteroom_adopt(descriptor) == 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { System.close(descriptor) }

  /// False if the message could not be sent within `milliseconds`: the other end is gone, or does not read.
  package func send(_ message: [UInt8], milliseconds: Int64) -> Bool {
    guard !message.isEmpty, message.count <= Self.longest else { return false }
    let deadline = System.monotonicMilliseconds() + milliseconds
    while true {
      switch System.send(descriptor, message, 0..<message.count) {
      case .moved(let count): return count == message.count
      case .end, .failed: return false
      case .wouldBlock:
        let left = deadline - System.monotonicMilliseconds()
        guard left > 0 else { return false }
        System.waitUntilWritable(descriptor, milliseconds: left)
      }
    }
  }

  /// The next message.
  /// - Parameter milliseconds: how long to wait for it.
  package func receive(milliseconds: Int64) -> Received {
    let deadline = System.monotonicMilliseconds() + milliseconds
    var bytes = [UInt8](repeating: 0, count: Self.longest)
    var hasFailed = false
    while true {
      switch System.receive(descriptor, into: &bytes, from: 0) {
      case .moved(let count): return .message(Array(bytes[..<count]))
      case .end: return .end
      case .failed:
        // That the other end was closed before it had read everything is told first, and once; what it had sent comes all the same.
        if hasFailed { return .end }
        hasFailed = true
      case .wouldBlock:
        let left = deadline - System.monotonicMilliseconds()
        guard left > 0 else { return .nothing }
        System.waitUntilReadable(descriptor, milliseconds: left)
      }
    }
  }

  /// Ends the talk: whoever waits for a message at either end is told, once it has read those that are there.
  package func shut() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
