import COpenSSL
import Glibc

/// Where TLS connections put what they have encrypted, until it is handed to the socket: one send for several records, or for all messages of a
/// handshake. It is empty between two calls of a connection, so that all connections of a loop share one.
package final class TLSOutput {
  // Swapped out while it changes, so that no access to this object is open meanwhile: that costs no check then.
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

  /// Hands everything to the socket; the answer is what it does not take, or `nil` when the connection is gone.
  func send(to descriptor: Int32) -> [UInt8]? {
    var sending: [UInt8] = []
    swap(&sending, &bytes)
    let (sent, isOpen) = Self.send(sending, from: 0, to: descriptor)
    let rest = sent < sending.count ? Array(sending[sent...]) : []
    giveBack(&sending)
    return isOpen ? rest : nil
  }

  /// Takes out everything, for a connection where something waits already.
  func takeAll() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    return taken
  }

  private func giveBack(_ memory: inout [UInt8]) {
    guard memory.capacity <= Self.kept else { return }
    memory.removeAll(keepingCapacity: true)
    swap(&memory, &bytes)
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
    var bytes: [UInt8] = []
    swap(&bytes, &output.bytes)
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
    swap(&bytes, &output.bytes)
    unsafe written?.pointee = count
    return 1
  }

  /// All that is asked for is to pass on what was written, which is done after the call.
  private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = { _, command, _, _ in
    command == BIO_CTRL_FLUSH ? 1 : 0
  }
}
