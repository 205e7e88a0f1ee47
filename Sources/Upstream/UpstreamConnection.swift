import EventLoop
import Glibc

/// What is told about a connection to an app while a request uses it.
package protocol UpstreamUser: AnyObject {
  /// It can be read or written, or has just been connected, or has failed.
  func upstreamReady(_ connection: UpstreamConnection)
  /// The deadline that was set for it has passed.
  func upstreamTimedOut(_ connection: UpstreamConnection)
}

/// A connection to an app: connecting, in use by one request, or idle in its server's pool.
package final class UpstreamConnection: Channel {
  package let server: UpstreamServer
  /// False until the kernel says how the attempt ended.
  package var isConnected: Bool { isEstablished }
  /// `errno` of a failed attempt, or 0.
  package var connectError: Int32 { attemptError }
  /// Why the attempt failed, or TLS did later, for logs; `nil` while neither did.
  package var attemptReason: String? {
    if let handshakeReason { return handshakeReason }
    return attemptError == 0 ? secureFault.map { "TLS: \($0)" } : SystemError("connect", attemptError).description
  }
  /// It has carried a request before.
  package var isReused: Bool { hasCarried }
  // Stored apart: the compiler proves what it sees all accesses of, and checks the others each time.
  private var isEstablished = false
  private var attemptError: Int32 = 0
  private var handshakeReason: String?
  var hasCarried = false
  /// Where it leads; `nil` where nobody asks.
  var target: SocketAddress?
  /// A request uses it.
  var isLent = false
  /// Who uses it; `nil` while it is idle.
  package var user: (any UpstreamUser)? {
    get { lender }
    set { lender = newValue }
  }
  private var lender: (any UpstreamUser)?

  init(descriptor: Int32, server: UpstreamServer, loop: EventLoop) {
    self.server = server
    super.init(descriptor: descriptor, loop: loop)
    canWrite = false
  }

  package override func ready(_ readiness: Readiness) {
    note(readiness)
    if !isConnected {
      if isSecure {
        guard goOnWithHandshake() else { return }
      } else {
        guard readiness.contains(.writable) else { return }
        attemptError = System.pendingError(descriptor)
        if attemptError == 0, server.record.secure != nil {
          guard startHandshake() else { return }
        } else {
          isEstablished = attemptError == 0
        }
      }
      // A failure is noted by whoever uses the connection, and so once.
      if isEstablished { server.connected() }
    }
    if let user {
      user.upstreamReady(self)
    } else if isConnected {
      // An idle connection has nothing to say: it was closed, or what it says belongs to no request.
      if readiness.contains(.readable), !saysNothing { server.dropIdle(self) }
    } else {
      close()
    }
  }

  // MARK: TLS

  /// True when it is decided whether there is a connection.
  @inline(never)
  private func startHandshake() -> Bool {
    guard let connection = server.secureConnection(on: descriptor) else {
      fail("out of memory")
      return true
    }
    beginTLS(connection)
    return goOnWithHandshake()
  }

  @inline(never)
  private func goOnWithHandshake() -> Bool {
    switch handshake() {
    case .done: isEstablished = true
    case .wantsRead, .wantsWrite: return false
    case .failed(.closed): fail("closed during the TLS handshake")
    case .failed(.plainHTTP): fail("no TLS")
    case .failed(.refused(let reason)):
      // OpenSSL does not say which name it was to be.
      let name = reason.hasSuffix("mismatch") ? server.record.secure.map { " (it is not for \($0.serverName))" } : nil
      fail("TLS: \(reason)" + (name ?? ""))
    }
    return true
  }

  private func fail(_ reason: String) {
    attemptError = EPROTO
    handshakeReason = reason
  }

  /// Over TLS something may come that belongs to no answer, such as a session's ticket.
  private var saysNothing: Bool {
    guard isSecure, case .wouldBlock = fill() else { return false }
    return true
  }

  package override func deadlineReached() {
    if let user { user.upstreamTimedOut(self) } else { server.dropIdle(self) }
  }
}
