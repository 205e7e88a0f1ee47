import Dispatch
import Glibc
import Synchronization
import TLS
import TestCertificates
import Testing

@testable import EventLoop

extension TLSConnection {
  /// What a channel does, at once.
  fileprivate func send(_ bytes: [UInt8], _ range: Range<Int>) -> Sent {
    _ = flush()
    let sent = seal(bytes, range)
    _ = flush()
    return sent
  }
}

/// Shakes hands as soon as the kernel has news, and then notes what it says.
private final class SecureEar: Channel {
  var isDone = false

  override func ready(_ readiness: Readiness) {
    note(readiness)
    if !isDone, case .done = handshake() { isDone = true }
  }
}

/// A channel with TLS on a loop of its own, and a client at the other end, which the test drives.
private final class SecureLine {
  let client: TLSConnection
  private let thread: LoopThread
  private let far: Int32

  init(inputBytes: Int = 64 << 10, isNarrow: Bool = false) throws {
    // As the gateway does: OpenSSL writes without MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN)
    var pair: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
    let near = pair[0]
    far = pair[1]
    if isNarrow {
      var count: Int32 = 1
      setsockopt(near, SOL_SOCKET, SO_SNDBUF, &count, socklen_t(MemoryLayout<Int32>.size))
    }
    let (chain, key) = try Authority().issue("DNS:app.test")
    let server = try TLSServer(
      TLSServerSettings(certificates: [(try Certificate(chain: chain, key: key), nil)], clock: { 0 }), tickets: TicketSecrets { 0 })
    client = try #require(try TLSClient(TLSClientSettings(verifies: false)).connection(on: far, name: "app.test", session: nil))
    thread = try LoopThread(name: "secure-line", inputBytes: inputBytes) { loop in
      let ear = SecureEar(descriptor: near, loop: loop)
      if let connection = server.connection(on: near) { ear.beginTLS(connection) }
      try? loop.add(ear, descriptor: near)
      loop.context = ear
    }
    let limit = System.monotonicMilliseconds() + 10_000
    while client.handshake() != .done { try #require(System.monotonicMilliseconds() < limit) }
    while try !onLoop({ $0.isDone }) { try #require(System.monotonicMilliseconds() < limit) }
  }

  deinit {
    thread.handle.post { loop in
      (loop.context as? SecureEar)?.close()
      loop.stop()
    }
    thread.join()
    System.close(far)
  }

  private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  @discardableResult
  func onLoop<Value: Sendable>(_ look: @escaping @Sendable (SecureEar) -> Value) throws -> Value {
    let answer = Answer<Value>()
    thread.handle.post { loop in
      answer.value.withLock { $0 = (loop.context as? SecureEar).map(look) }
      answer.isThere.signal()
    }
    _ = answer.isThere.wait(timeout: .now() + 10)
    return try #require(answer.value.withLock { $0 })
  }

  /// What the client receives until there is nothing more for now, or `count` bytes.
  func receive(_ count: Int) throws -> [UInt8] {
    var received: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 64 << 10)
    let limit = System.monotonicMilliseconds() + 10_000
    while received.count < count {
      try #require(System.monotonicMilliseconds() < limit)
      switch client.receive(into: &room, from: 0) {
      case .moved(let moved, _): received += room[..<moved]
      case .wantsRead: _ = try onLoop { $0.flush() }
      default: return received
      }
    }
    return received
  }
}

@Suite struct SecureChannelTests {
  @Test("bytes that OpenSSL holds already are received without a further event")
  func held() throws {
    let line = try SecureLine(inputBytes: 1000)
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(line.client.send(bytes, 0..<5000) == .moved(5000))
    let received = Mutex<[UInt8]>([])
    let limit = System.monotonicMilliseconds() + 10_000
    while received.withLock({ $0.count }) < 5000 {
      try #require(System.monotonicMilliseconds() < limit)
      let piece = try line.onLoop { channel -> [UInt8] in
        guard case .received = channel.fill() else { return [] }
        let input = channel.input
        channel.consumeInput(input.count)
        return Array(input.bytes[input.range])
      }
      received.withLock { $0 += piece }
      if received.withLock({ $0.count }) == 1000 {
        // One record was sent: no event comes for its other bytes.
        #expect(try line.onLoop { $0.canRead })
      }
    }
    #expect(received.withLock { $0 } == bytes)
    #expect(try line.onLoop { $0.fill() == .wouldBlock && !$0.canRead && $0.bytesIn == 5000 })
  }

  @Test("what the socket does not take is sent later as it was, whatever is appended meanwhile")
  func blocked() throws {
    let line = try SecureLine(isNarrow: true)
    let first = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let gone = try line.onLoop { channel in channel.send(first, 0..<first.count) }
    #expect(gone < first.count)
    #expect(try line.onLoop { $0.hasBegunOutput && $0.backlog > 0 })
    try line.onLoop { channel in channel.appendOutput([1, 2, 3]) }
    #expect(try line.receive(gone + 3) == Array(first[..<gone]) + [1, 2, 3])
    #expect(try line.onLoop { $0.flush() && $0.backlog == 0 && !$0.hasBegunOutput && $0.bytesOut == Int64(gone + 3) })
  }

  @Test("a short head and what follows it go out in one record")
  func together() throws {
    let line = try SecureLine()
    let gone = try line.onLoop { channel -> Int in
      channel.appendOutput([1, 2, 3])
      return channel.send([4, 5, 6], 0..<3)
    }
    #expect(gone == 3)
    var room = [UInt8](repeating: 0, count: 100)
    guard case .moved(let count, _) = line.client.receive(into: &room, from: 0) else { throw Authority.Fault.openSSL }
    #expect(Array(room[..<count]) == [1, 2, 3, 4, 5, 6])
  }

  @Test("nothing is spliced past TLS")
  func splice() throws {
    let line = try SecureLine()
    #expect(try line.onLoop { $0.splice(from: $0, 10) } == .unavailable)
  }

  @Test("closing tells the peer that all was sent, unless something was not, or the connection is reset")
  func closing() throws {
    var room = [UInt8](repeating: 0, count: 100)
    for (cut, expected) in [(false, TLSConnection.Received.ended), (true, .failed)] {
      let line = try SecureLine()
      try line.onLoop { channel in
        if cut { channel.appendOutput([1]) }
        channel.close()
      }
      #expect(line.client.receive(into: &room, from: 0) == expected)
    }
  }
}
