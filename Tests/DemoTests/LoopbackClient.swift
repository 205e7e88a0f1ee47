import EventLoop
import Glibc

/// A blocking client, with a limit of five seconds for each read.
final class LoopbackClient {
  private let descriptor: Int32

  init(_ address: SocketAddress) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = address.port.bigEndian
    name.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    if result != 0 { throw SystemError("connect", errno) }
  }

  deinit { close(descriptor) }

  func send(_ text: String) { send([UInt8](text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What comes next, at most one read; empty at the end, or when nothing comes in time.
  private func receive() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : []
  }

  /// One answer.
  struct Answer {
    var status = 0
    var fields: [String: String] = [:]
    var body = ""
  }

  private var buffer: [UInt8] = []

  /// Reads one answer by its Content-Length. `isHead`: no body follows.
  func answer(isHead: Bool = false) -> Answer {
    var answer = Answer()
    let blank = [UInt8]("\r\n\r\n".utf8)
    var end: Int?
    while end == nil {
      end = buffer.indices.dropLast(3).first { Array(buffer[$0..<$0 + 4]) == blank }
      if end == nil {
        let more = receive()
        if more.isEmpty { return answer }
        buffer += more
      }
    }
    guard let end else { return answer }
    let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
    answer.status = Int(lines[0].split(separator: " ")[1]) ?? 0
    for line in lines.dropFirst() {
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      answer.fields[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
    }
    let count = isHead || answer.status == 100 ? 0 : Int(answer.fields["content-length"] ?? "") ?? 0
    while buffer.count < end + 4 + count {
      let more = receive()
      if more.isEmpty { break }
      buffer += more
    }
    answer.body = String(decoding: buffer[(end + 4)...].prefix(count), as: UTF8.self)
    buffer.removeFirst(min(buffer.count, end + 4 + count))
    return answer
  }

  /// Whether the server has closed and sent nothing more.
  func isAtEnd() -> Bool { buffer.isEmpty && receive().isEmpty }
}
