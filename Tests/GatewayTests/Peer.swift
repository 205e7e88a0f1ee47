import EventLoop
import Glibc

/// What a test finds wrong on the wire.
struct WireFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A request or an answer as it came, its body out of its framing.
struct Message {
  var start = ""
  var fields: [(name: String, value: String)] = []
  var body: [UInt8] = []

  var status: Int { Int(start.split(separator: " ").dropFirst().first ?? "") ?? 0 }
  var target: String { start.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
  var text: String { String(decoding: body, as: UTF8.self) }

  func all(_ name: String) -> [String] { fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }

  /// The only field of a name; `nil` if there is none or more than one.
  subscript(_ name: String) -> String? {
    let found = all(name)
    return found.count == 1 ? found[0] : nil
  }

  /// The cookies that were set, as `name=value`.
  var setCookies: [String] { all("Set-Cookie").map { String($0.split(separator: ";")[0]) } }
}

/// A test's end of a connection: blocking, and never for longer than ten seconds.
final class Peer {
  let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isOpen = true

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close() }

  /// The app's end of a connection that has carried one request of this client's, and is kept for the next.
  func keptConnection(to app: App) throws -> Peer {
    try send(request("GET", "/open/first"))
    let peer = try app.accept()
    _ = try peer.message()
    try peer.send(answer())
    guard try message().status == 200 else { throw WireFault("the first request was refused") }
    return peer
  }

  func send(_ text: String) throws { try send([UInt8](text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var next = 0
    while next < bytes.count {
      switch System.send(descriptor, bytes, next..<bytes.count) {
      case .moved(let count): next += count
      case let other: throw WireFault("after \(next) of \(bytes.count) bytes: \(other)")
      }
    }
  }

  /// Sends as far as the kernel takes it without waiting; how much that was.
  func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(descriptor, F_SETFL, flags) }
    var next = 0
    while next < bytes.count, case .moved(let count) = System.send(descriptor, bytes, next..<bytes.count) { next += count }
    return next
  }

  func close(reset: Bool = false) {
    guard isOpen else { return }
    isOpen = false
    if reset { System.resetOnClose(descriptor) }
    System.close(descriptor)
  }

  func halfClose() { System.shutdownWrite(descriptor) }

  /// False at the end of what the other side sends.
  private func receive() throws -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    switch System.receive(descriptor, into: &piece, from: 0) {
    case .moved(let count):
      buffer += piece[..<count]
      return true
    case .end: return false
    case .wouldBlock: throw WireFault("nothing came in ten seconds after \(String(decoding: buffer.prefix(500), as: UTF8.self))")
    case .failed(let code): throw WireFault("the connection failed: \(code)")
    }
  }

  private func line() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        defer { buffer.removeFirst(end + 1) }
        return String(decoding: buffer[..<end].dropLast(), as: UTF8.self)
      }
      guard try receive() else { throw WireFault("ended within a line: \(String(decoding: buffer, as: UTF8.self))") }
    }
  }

  func exactly(_ count: Int) throws -> [UInt8] {
    while buffer.count < count {
      guard try receive() else { throw WireFault("ended after \(buffer.count) of \(count) bytes") }
    }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// All that still comes, up to an orderly end.
  func toEnd() throws -> [UInt8] {
    while try receive() {}
    defer { buffer = [] }
    return buffer
  }

  /// Whether it ended or was reset without another byte; that nothing came in time is neither.
  var isOver: Bool {
    do { return try toEnd().isEmpty } catch { return "\(error)".hasPrefix("the connection failed") }
  }

  func head() throws -> Message {
    var message = Message(start: try line())
    while true {
      let field = try line()
      if field.isEmpty { return message }
      guard let colon = field.firstIndex(of: ":") else { throw WireFault("no field: \(field)") }
      message.fields.append((String(field[..<colon]), String(field[field.index(after: colon)...].drop { $0 == " " })))
    }
  }

  /// A whole message. A body without a length ends with the connection in an answer, and is none in a request.
  func message(hasBody: Bool = true) throws -> Message {
    var message = try head()
    let isAnswer = message.start.hasPrefix("HTTP/")
    if !hasBody || isAnswer && (message.status < 200 || message.status == 204 || message.status == 304) { return message }
    if message.all("Transfer-Encoding") == ["chunked"] {
      message.body = try chunks().flatMap { $0 }
    } else if let length = message["Content-Length"].flatMap(Int.init) {
      message.body = try exactly(length)
    } else if isAnswer {
      message.body = try toEnd()
    }
    return message
  }

  /// A chunked body, chunk by chunk.
  func chunks() throws -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    while true {
      let size = try line()
      guard let count = Int(size, radix: 16) else { throw WireFault("no chunk size: \(size)") }
      if count == 0 {
        guard try line().isEmpty else { throw WireFault("trailers") }
        return chunks
      }
      chunks.append(try exactly(count))
      guard try line().isEmpty else { throw WireFault("chunk longer than its size") }
    }
  }
}

/// An address at which nobody listens, and nobody else can.
final class ClosedPort {
  let address: SocketAddress
  private let descriptor: Int32

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0, let address = System.localAddress(descriptor) else { throw WireFault("bind: \(errno)") }
    self.address = address
    self.descriptor = descriptor
  }

  deinit { System.close(descriptor) }
}

/// A test's own app: what it answers is written where the test is.
final class App {
  let address: SocketAddress
  private let descriptor: Int32
  private var isOpen = true

  init(backlog: Int32 = 64) throws {
    guard let any = SocketAddress("127.0.0.1", port: 0) else { throw WireFault("no loopback") }
    descriptor = try System.listen(on: any, backlog: backlog)
    guard let address = System.localAddress(descriptor) else { throw WireFault("no address") }
    self.address = address
  }

  deinit { close() }

  func close() {
    guard isOpen else { return }
    isOpen = false
    System.close(descriptor)
  }

  /// The next connection.
  func accept() throws -> Peer {
    guard let peer = try accept(milliseconds: 10_000) else { throw WireFault("nobody connected in ten seconds") }
    return peer
  }

  /// Whether somebody has connected who was not accepted yet.
  func isAskedFor() throws -> Bool { try accept(milliseconds: 0) != nil }

  private func accept(milliseconds: Int32) throws -> Peer? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
    switch System.accept(descriptor) {
    case .success(let (accepted, _)): return Peer(accepted)
    case .failure(let error): throw error
    }
  }
}
