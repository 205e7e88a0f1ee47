import CLinux

/// One end of a connection over a Unix socket, for a thread that may wait: every wait has an end.
package final class LocalConnection: Sendable {
  private let descriptor: Int32

  /// - Parameter descriptor: non-blocking; it belongs to the connection from now on.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Connects to who listens at `path`.
  package init(to path: String) throws(SystemError) {
    descriptor = anteroom_unix_socket()
    guard descriptor >= 0 else { throw SystemError("socket", anteroom_errno()) }
    // Safe: the path's bytes end in NUL and live for the call.
    guard unsafe anteroom_unix_connect(descriptor, path) == 0 else { throw SystemError("connect", anteroom_errno()) }
  }

  deinit { System.close(descriptor) }

  /// The user of the process at the other end; `nil` if that cannot be told.
  package var peerUser: UInt32? { UInt32(exactly: anteroom_peer_user(descriptor)) }

  /// The bytes up to the first line feed, without it; `nil` if it does not come among the first `limit` bytes and within `milliseconds`.
  package func readLine(limit: Int, milliseconds: Int64) -> [UInt8]? {
    var line: [UInt8] = []
    let deadline = System.monotonicMilliseconds() + milliseconds
    while line.count <= limit, let more = read(limit + 1 - line.count, until: deadline), !more.isEmpty {
      line += more
      if let end = line.firstIndex(of: 0x0A) { return Array(line[..<end]) }
    }
    return nil
  }

  /// All bytes up to the other side's end; `nil` if these are more than `limit`, or the end does not come within `milliseconds`.
  package func readAll(limit: Int, milliseconds: Int64) -> [UInt8]? {
    var bytes: [UInt8] = []
    let deadline = System.monotonicMilliseconds() + milliseconds
    while bytes.count <= limit {
      guard let more = read(min(64 << 10, limit + 1 - bytes.count), until: deadline) else { return nil }
      if more.isEmpty { return bytes }
      bytes += more
    }
    return nil
  }

  /// Some bytes, at most `count`, which is above 0; none at the end; `nil` when none came in time.
  private func read(_ count: Int, until deadline: Int64) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      switch System.receive(descriptor, into: &bytes, from: 0) {
      case .moved(let got): return Array(bytes[..<got])
      case .end: return []
      case .failed: return nil
      case .wouldBlock:
        let left = deadline - System.monotonicMilliseconds()
        guard left > 0 else { return nil }
        System.waitUntilReadable(descriptor, milliseconds: left)
      }
    }
  }

  /// False if not all bytes were taken within `milliseconds`.
  package func write(_ bytes: [UInt8], milliseconds: Int64) -> Bool {
    let deadline = System.monotonicMilliseconds() + milliseconds
    var sent = 0
    while sent < bytes.count {
      switch System.send(descriptor, bytes, sent..<bytes.count) {
      case .moved(let count): sent += count
      case .end, .failed: return false
      case .wouldBlock:
        let left = deadline - System.monotonicMilliseconds()
        guard left > 0 else { return false }
        System.waitUntilWritable(descriptor, milliseconds: left)
      }
    }
    return true
  }
}
