import COpenSSL
import COpenSSLShim
import Glibc

/// TLS on one socket. It moves bytes when it is told to, never waits, and stays on one thread.
@safe package final class TLSConnection {
  /// What a handshake has come to.
  package enum Handshake: Equatable {
    case done
    case wantsRead
    case wantsWrite
    case failed(HandshakeFault)
  }

  /// Why there will be no connection.
  package enum HandshakeFault: Error, Equatable {
    /// The peer went away.
    case closed
    /// The client speaks HTTP without TLS.
    case plainHTTP
    /// With the reason, for the log.
    case refused(String)
  }

  /// What receiving came to.
  package enum Received: Equatable {
    /// This many bytes; when `isDrained` the socket has no more now.
    case moved(Int, isDrained: Bool)
    case wantsRead
    case wantsWrite
    /// The peer has said that it sends no more.
    case ended
    /// The connection is gone, or the peer without having said that it was done: what came may not be all.
    case failed
  }

  /// What sending came to.
  package enum Sent: Equatable {
    /// This many bytes are encrypted, and cannot be taken back.
    case moved(Int)
    /// What was encrypted before has to go first.
    case wantsWrite
    case wantsRead
    case failed
  }

  private let connection: OpaquePointer
  private let descriptor: Int32
  private let output: TLSOutput
  // Encrypted, and not taken by the socket yet: from `unsentStart` on.
  private var unsent: [UInt8] = []
  private var unsentStart = 0
  // Callbacks of the context lead to it.
  let owner: AnyObject
  private(set) package var isEstablished = false
  private var isBroken = false
  private var sendFailed = false
  /// What has made receiving fail, in OpenSSL's words, where it says anything.
  private(set) package var fault: String?
  // What ended the receiving when there was still data to be handed on.
  private var outcome: Received?
  private var endIsSent = false

  /// The most bytes that go into one record.
  package static let recordCount = 16 << 10
  /// How many bytes are encrypted before they are handed to the socket.
  package static let batchCount = 64 << 10
  // Answers to what a peer sends that is no data: one that takes none of them, and asks for more, is no peer.
  private static let unsentLimit = 4 * batchCount
  // What OpenSSL asks the socket for is more than a record: less than this has come only if there was no more.
  private static let partialRead: UInt64 = 8 << 10
  // Tickets, new keys and alerts in a connection's life, its handshake's messages among them; each costs far more than the data of its size.
  private static let messageLimit = 1000

  /// Takes part in a handshake as the server, until `startAsClient` says otherwise; `nil` when memory runs out.
  init?(_ context: OpaquePointer?, _ descriptor: Int32, output: TLSOutput, owner: AnyObject) {
    guard let made = unsafe SSL_new(context) else { return nil }
    unsafe connection = made
    self.descriptor = descriptor
    self.output = output
    self.owner = owner
    guard let source = unsafe BIO_new_socket(descriptor, BIO_NOCLOSE) else { return nil }
    guard let sink = unsafe output.makeEnd() else {
      _ = unsafe BIO_free(source)
      return nil
    }
    // Both are the connection's now.
    unsafe SSL_set_bio(made, source, sink)
    unsafe SSL_set_accept_state(made)
  }

  deinit { unsafe SSL_free(connection) }

  /// For what is to be set before the handshake.
  func withPointer<R>(_ body: (OpaquePointer) -> R) -> R { unsafe body(connection) }

  // MARK: Handshake

  /// Goes on with the handshake.
  package func handshake() -> Handshake {
    guard !isBroken else { return .failed(.closed) }
    push()
    guard waiting == 0 else { return .wantsWrite }
    if isEstablished { return .done }
    ErrorQueue.clear()
    let result = unsafe SSL_do_handshake(connection)
    let error = unsafe result == 1 ? SSL_ERROR_NONE : SSL_get_error(connection, result)
    // Also when it has failed: the peer is told why.
    push()
    switch error {
    case SSL_ERROR_NONE:
      isEstablished = true
      return waiting == 0 ? .done : .wantsWrite
    case SSL_ERROR_WANT_READ: return waiting == 0 ? .wantsRead : .wantsWrite
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    default:
      isBroken = true
      return .failed(unsafe Self.fault(connection))
    }
  }

  private static func fault(_ connection: OpaquePointer) -> HandshakeFault {
    let code = ErrorQueue.drain()
    switch ErrorQueue.reasonNumber(code) {
    case 0, SSL_R_UNEXPECTED_EOF_WHILE_READING: return .closed
    case SSL_R_HTTP_REQUEST: return .plainHTTP
    default: break
    }
    let verified = unsafe SSL_get_verify_result(connection)
    // Safe: the text is a constant of OpenSSL's.
    if verified != Int(X509_V_OK), let text = unsafe X509_verify_cert_error_string(verified) {
      return unsafe .refused("the certificate is not accepted: \(String(cString: text))")
    }
    return .refused(ErrorQueue.reason(code))
  }

  /// The handshake took up an earlier session.
  package var isResumed: Bool { unsafe SSL_session_reused(connection) == 1 }

  /// `TLSv1.3`, for tests.
  package var version: String { unsafe SSL_get_version(connection).map { unsafe String(cString: $0) } ?? "" }

  // MARK: Bytes

  /// Receives into `bytes` from `start` up to its count, as much as is there.
  package func receive(into bytes: inout [UInt8], from start: Int) -> Received {
    precondition(start >= 0 && start < bytes.count)
    if let outcome { return outcome }
    guard isEstablished, !isBroken else { return .failed }
    let received = read(into: &bytes, from: start)
    if output.count > 0 { push() }
    return received
  }

  private func read(into bytes: inout [UInt8], from start: Int) -> Received {
    ErrorQueue.clear()
    var end = start
    while end < bytes.count {
      let hadMore = unsafe SSL_has_pending(connection) == 1
      let before = unsafe BIO_number_read(SSL_get_rbio(connection))
      var count = 0
      // Safe: OpenSSL writes at most what is left of our own array behind `end`.
      let result = unsafe bytes.withUnsafeMutableBytes { buffer -> Int32 in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe SSL_read_ex(connection, base + end, buffer.count - end, &count)
      }
      let raw = unsafe BIO_number_read(SSL_get_rbio(connection)) - before
      guard unsafe TLSSettings.messages(connection) <= Self.messageLimit else { return breakOff() }
      if result == 1 {
        end += count
        if unsafe SSL_has_pending(connection) == 1 { continue }
        if !hadMore, raw > 0, raw < Self.partialRead { return .moved(end - start, isDrained: true) }
        continue
      }
      switch unsafe SSL_get_error(connection, result) {
      case SSL_ERROR_WANT_READ:
        if end > start { return .moved(end - start, isDrained: raw == 0) }
        // Else something has come that is no data, a ticket or new keys.
        if raw == 0 { return .wantsRead }
      case SSL_ERROR_WANT_WRITE: return end > start ? .moved(end - start, isDrained: false) : .wantsWrite
      case SSL_ERROR_ZERO_RETURN: return finish(.ended, after: end - start)
      default:
        isBroken = true
        let code = ErrorQueue.drain()
        // Many clients just close; that their request is whole shows in the request.
        let isServer = unsafe SSL_is_server(connection) == 1
        let isEnd = isServer && ErrorQueue.reasonNumber(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING
        if code != 0 { fault = ErrorQueue.reason(code) }
        return finish(isEnd ? .ended : .failed, after: end - start)
      }
    }
    return .moved(end - start, isDrained: false)
  }

  /// Whoever sends nothing but messages wants us to be busy.
  private func breakOff() -> Received {
    isBroken = true
    fault = "too many messages that are no data"
    return finish(.failed, after: 0)
  }

  /// Nothing more will be received after `count` bytes.
  private func finish(_ outcome: Received, after count: Int) -> Received {
    self.outcome = outcome
    return count > 0 ? .moved(count, isDrained: false) : outcome
  }

  /// Encrypts from `bytes[range]`, as much as one round of sending takes; `flush` is to follow.
  package func seal(_ bytes: [UInt8], _ range: Range<Int>) -> Sent {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count && !range.isEmpty)
    guard isEstablished, !isBroken, !sendFailed else { return .failed }
    guard waiting == 0 else { return .wantsWrite }
    let room = min(range.count, Self.batchCount - output.count)
    guard room > 0 else { return .moved(0) }
    ErrorQueue.clear()
    var count = 0
    // Safe: OpenSSL reads within the range, which is within the array.
    let result = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe SSL_write_ex(connection, base + range.lowerBound, room, &count)
    }
    if result == 1 { return .moved(count) }
    switch unsafe SSL_get_error(connection, result) {
    // Something that is no data has come in part: what it is has to be known first.
    case SSL_ERROR_WANT_READ: return .wantsRead
    default:
      ErrorQueue.clear()
      isBroken = true
      return .failed
    }
  }

  /// Hands what is encrypted to the socket; `moved(0)` when nothing of it waits any more.
  package func flush() -> Sent {
    push()
    return sendFailed ? .failed : waiting == 0 ? .moved(0) : .wantsWrite
  }

  /// What is encrypted, and not taken by the socket yet.
  package var waiting: Int { unsent.count - unsentStart }

  private func push() {
    guard !sendFailed else { return drop() }
    if waiting > 0 {
      let (end, isOpen) = TLSOutput.send(unsent, from: unsentStart, to: descriptor)
      guard isOpen else { return fail() }
      unsentStart = end
      guard waiting == 0 else {
        unsent += output.takeAll()
        if waiting > Self.unsentLimit { fail() }
        return
      }
      unsent = []
      unsentStart = 0
    }
    guard output.count > 0 else { return }
    guard let rest = output.send(to: descriptor) else { return fail() }
    if !rest.isEmpty { unsent = rest }
  }

  /// The peer takes no more; what it said before can still be received.
  private func fail() {
    sendFailed = true
    drop()
  }

  private func drop() {
    _ = output.takeAll()
    unsent = []
    unsentStart = 0
  }

  /// Tells the peer that nothing more will be sent; false when the socket takes nothing now, and it is to be told again.
  @discardableResult
  package func sendEnd() -> Bool {
    guard isEstablished, !isBroken, !sendFailed else { return true }
    // A second time the same call would receive, and fail for each byte that comes.
    if !endIsSent {
      endIsSent = true
      ErrorQueue.clear()
      _ = unsafe SSL_shutdown(connection)
      ErrorQueue.clear()
    }
    push()
    return waiting == 0
  }
}
