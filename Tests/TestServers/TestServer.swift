import EventLoop
import Glibc
import Synchronization
import TLS
import TestCertificates

/// A server on loopback that does with each connection what a test says, on a thread of its own.
package final class TestServer: Sendable {
  package struct Fault: Error {
    package init() {}
  }

  /// Where it listens.
  package let address: SocketAddress
  private let listener: Int32
  private let isEnding = Atomic<Bool>(false)
  private let thread: Mutex<Thread?>
  private let others = Mutex<[Thread]>([])

  /// - Parameters:
  ///   - certificate: PEM of a chain and its key; `nil` for plain connections.
  ///   - script: run for each connection at once.
  package init(
    certificate: (chain: [UInt8], key: [UInt8])? = nil, address: String = "127.0.0.1", port: UInt16 = 0,
    _ script: @escaping @Sendable (TestConnection) -> Void
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    guard let any = SocketAddress(address, port: port) else { throw Fault() }
    let listener = try System.listen(on: any, backlog: 64)
    guard let bound = System.localAddress(listener) else { throw Fault() }
    self.address = bound
    self.listener = listener
    thread = Mutex(nil)
    var server: TLSServer?
    if let certificate {
      server = try TLSServer(
        TLSServerSettings(
          certificates: [(try Certificate(chain: certificate.chain, key: certificate.key), nil)],
          clock: { System.wallMilliseconds() / 1000 }), tickets: TicketSecrets { 0 })
    }
    let started = try Thread(name: "test-server") { [server] in
      while !self.isEnding.load(ordering: .relaxed) {
        System.waitUntilReadable(listener, milliseconds: 20)
        guard case .success((let descriptor, _)) = System.accept(listener) else { continue }
        let worker = try? Thread(name: "test-connection") {
          let connection = TestConnection(descriptor, server)
          if connection.shakeHands() { script(connection) }
          connection.close()
        }
        if let worker { self.others.withLock { $0.append(worker) } }
      }
    }
    thread.withLock { $0 = started }
  }

  /// To be called by a test that made it; ends its threads.
  package func stop() {
    isEnding.store(true, ordering: .relaxed)
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let ending else { return }
    ending.join()
    System.close(listener)
    for worker in others.withLock({ $0 }) { worker.join() }
  }
}

/// A test's end of a connection; each call blocks, ten seconds at most.
package final class TestConnection {
  private let descriptor: Int32
  private let secure: TLSConnection?
  private var isOpen = true
  private let limit = System.monotonicMilliseconds() + 10_000

  init(_ descriptor: Int32, _ server: TLSServer?) {
    self.descriptor = descriptor
    secure = server?.connection(on: descriptor)
  }

  private var isLate: Bool { System.monotonicMilliseconds() > limit }

  func shakeHands() -> Bool {
    guard let secure else { return true }
    while !isLate {
      switch secure.handshake() {
      case .done: return true
      case .wantsRead: System.waitUntilReadable(descriptor, milliseconds: 100)
      case .wantsWrite: System.waitUntilWritable(descriptor, milliseconds: 100)
      case .failed: return false
      }
    }
    return false
  }

  /// What comes next; empty at the end.
  package func receive() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while !isLate {
      if let secure {
        switch secure.receive(into: &bytes, from: 0) {
        case .moved(let count, _): return Array(bytes[..<count])
        case .wantsRead: System.waitUntilReadable(descriptor, milliseconds: 100)
        default: return []
        }
      } else {
        switch System.receive(descriptor, into: &bytes, from: 0) {
        case .moved(let count): return Array(bytes[..<count])
        case .wouldBlock: System.waitUntilReadable(descriptor, milliseconds: 100)
        default: return []
        }
      }
    }
    return []
  }

  /// A request with its body, as text.
  package func request() -> String {
    var text = ""
    while true {
      let piece = receive()
      if piece.isEmpty { return text }
      text += String(decoding: piece, as: UTF8.self)
      guard let head = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).first,
        head.utf8.count < text.utf8.count
      else { continue }
      let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }?.split(separator: " ").last
      if text.utf8.count >= head.utf8.count + 4 + (length.flatMap { Int($0) } ?? 0) { return text }
    }
  }

  /// False when the other side takes no more.
  @discardableResult
  package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult
  package func send(_ bytes: [UInt8]) -> Bool {
    var next = 0
    while next < bytes.count, !isLate {
      if let secure {
        switch secure.flush() {
        case .moved: break
        case .wantsWrite, .wantsRead:
          System.waitUntilWritable(descriptor, milliseconds: 100)
          continue
        case .failed: return false
        }
        guard case .moved(let count) = secure.seal(bytes, next..<bytes.count) else { return false }
        next += count
        _ = secure.flush()
      } else {
        switch System.send(descriptor, bytes, next..<bytes.count) {
        case .moved(let count): next += count
        case .wouldBlock: System.waitUntilWritable(descriptor, milliseconds: 100)
        default: return false
        }
      }
    }
    while let secure, secure.waiting > 0, !isLate {
      guard case .wantsWrite = secure.flush() else { break }
      System.waitUntilWritable(descriptor, milliseconds: 100)
    }
    return next == bytes.count
  }

  /// A whole answer.
  package func answer(_ status: Int, _ fields: [String], _ body: String) {
    let lines = (fields + ["Content-Length: \(body.utf8.count)"]).map { $0 + "\r\n" }.joined()
    send("HTTP/1.1 \(status) Said\r\n\(lines)\r\n\(body)")
  }

  package func answer(_ body: String) { answer(200, [], body) }

  /// - Parameter isWhole: over TLS, with a word that all is sent.
  package func close(isWhole: Bool = true, reset: Bool = false) {
    guard isOpen else { return }
    isOpen = false
    if reset { System.resetOnClose(descriptor) }
    if isWhole { secure?.sendEnd() }
    // What has come and was not read would reset the connection, and take the answer with it.
    if !reset {
      System.shutdownWrite(descriptor)
      var bytes = [UInt8](repeating: 0, count: 4096)
      let limit = System.monotonicMilliseconds() + 500
      reading: while System.monotonicMilliseconds() < limit {
        switch System.receive(descriptor, into: &bytes, from: 0) {
        case .moved: continue
        case .wouldBlock: System.waitUntilReadable(descriptor, milliseconds: 50)
        default: break reading
        }
      }
    }
    System.close(descriptor)
  }
}
