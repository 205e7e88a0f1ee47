import COpenSSL
import Glibc

/// Where TLS connections put what they have encrypted, until it is handed to the socket: one send for several records, or for all messages of a
/// handshake. It is empty between two calls of a connection, so that all connections of a loop share one.
package final class TLSOutput {
  private var bytes: [UInt8] = []

  // What one round of sending makes is a little more than what it encrypts; more than this came once, and is not kept.
  private static let kept = 2 * TLSConnection.batchCount

  package init() {}

  /// What waits to be handed on.
  var count: Int { bytes.count }

  /// The end of a connection that writes here, owned by the caller; `nil` when memory runs out. The output must live as long.
  func makeEnd() -> OpaquePointer? {
    guard let method = unsafe Self.method.pointer, let end = unsafe BIO_new(method) else { return nil }
    // Safe: the connection that the end is for holds this object.
    unsafe BIO_set_data(end, Unmanaged.passUnretained(self).toOpaque())
    unsafe BIO_set_init(end, 1)
    return unsafe end
  }

  /// Hands everything to the socket.
  /// - Parameter rest: takes what the socket does not.
  /// - Returns: false when the connection is gone; then all of it is dropped.
  func send(to descriptor: Int32, rest: inout [UInt8]) -> Bool {
    let (sent, isOpen) = Self.send(bytes, from: 0, to: descriptor)
    if isOpen, sent < bytes.count { rest.append(contentsOf: bytes[sent...]) }
    clear()
    return isOpen
  }

  /// Adds everything to what waits for the socket already.
  func move(to rest: inout [UInt8]) {
    rest += bytes
    clear()
  }

  private func clear() {
    if bytes.capacity > Self.kept { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
  }

  /// Sends as much as the socket takes, and tells up to where that is.
  static func send(_ bytes: [UInt8], from start: Int, to descriptor: Int32) -> (end: Int, isOpen: Bool) {
    var end = start
    while end < bytes.count {
      // Safe: the kernel reads what is left of our own array behind `end`.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe buffer.baseAddress.map { unsafe Glibc.send(descriptor, $0 + end, buffer.count - end, Int32(MSG_NOSIGNAL)) } ?? 0
      }
      if count > 0 {
        end += count
      } else if count == 0 || errno != EINTR {
        return (end, count < 0 && errno == EAGAIN)
      }
    }
    return (end, true)
  }

  // MARK: What OpenSSL calls

  private static let method = unsafe SharedPointer(makeMethod())

  private static func makeMethod() -> OpaquePointer? {
    guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "anteroom output") else { return nil }
    _ = unsafe BIO_meth_set_write_ex(method, write)
    _ = unsafe BIO_meth_set_ctrl(method, control)
    return unsafe method
  }

  private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
    end, data, count, written in
    // Safe: `makeEnd` set the object, which lives as long as the end; OpenSSL lends the bytes for this call.
    guard let end = unsafe end, let data = unsafe data, let object = unsafe BIO_get_data(end) else { return 0 }
    let output = unsafe Unmanaged<TLSOutput>.fromOpaque(object).takeUnretainedValue()
    unsafe output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
    unsafe written?.pointee = count
    return 1
  }

  /// All that is asked for is to pass on what was written, which is done after the call.
  private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = { _, command, _, _ in
    command == BIO_CTRL_FLUSH ? 1 : 0
  }
}
