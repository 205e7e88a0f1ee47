import COpenSSL
import COpenSSLShim
import Glibc
import Testing

@testable import TLS

/// A server and a client with a pair of sockets between them.
final class Pair {
  let client: TLSConnection
  let server: TLSConnection
  let sockets: [Int32]

  init(_ server: TLSServer, _ client: TLSClient, name: String = "app.test", session: TLSSession? = nil) throws {
    var sockets: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &sockets) == 0)
    self.sockets = sockets
    self.server = try #require(server.connection(on: sockets[0]))
    self.client = try #require(client.connection(on: sockets[1], name: name, session: session))
  }

  deinit { for socket in sockets { close(socket) } }

  /// What both sides say of the handshake in the end.
  func handshake() -> (client: TLSConnection.Handshake, server: TLSConnection.Handshake) {
    var outcome: (client: TLSConnection.Handshake, server: TLSConnection.Handshake) = (.wantsRead, .wantsRead)
    for _ in 0..<20 {
      if outcome.client == .wantsRead { outcome.client = client.handshake() }
      if outcome.server == .wantsRead { outcome.server = server.handshake() }
    }
    return outcome
  }
}

extension TLSConnection {
  /// What a channel does, at once.
  func send(_ bytes: [UInt8], _ range: Range<Int>) -> Sent {
    _ = flush()
    let sent = seal(bytes, range)
    _ = flush()
    return sent
  }

  /// As a browser does.
  func askForStaple() { _ = withPointer { anteroom_ssl_ask_for_status($0) } }

  /// The OCSP answer that the server sent.
  var staple: [UInt8]? {
    withPointer { connection in
      var response: UnsafePointer<UInt8>?
      let count = anteroom_ssl_get_status(connection, &response)
      return count > 0 ? Array(UnsafeBufferPointer(start: response, count: count)) : nil
    }
  }
}
