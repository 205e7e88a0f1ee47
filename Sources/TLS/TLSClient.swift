import COpenSSL
import COpenSSLShim
import Glibc

/// How an app is spoken to over TLS.
package struct TLSClientSettings {
  /// PEM of those that may stand for the app; `nil` for the authorities that the system trusts.
  package var authorities: [UInt8]?
  /// False believes whoever answers.
  package var verifies: Bool
  /// Shown to an app that asks for one.
  package var certificate: Certificate?

  package init(authorities: [UInt8]? = nil, verifies: Bool = true, certificate: Certificate? = nil) {
    self.authorities = authorities
    self.verifies = verifies
    self.certificate = certificate
  }
}

/// The client's side of TLS, for connections to apps. All threads share it.
package final class TLSClient: Sendable {
  private let context: SharedPointer

  // Where distributions keep the authorities they trust, in one file each; read once, as nothing is read from disk during a handshake.
  private static let systemFiles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
  ]

  package init(_ settings: TLSClientSettings) throws(TLSFault) {
    let made = try unsafe TLSSettings.context(TLS_client_method())
    unsafe context = SharedPointer(made)
    if settings.verifies {
      if let authorities = settings.authorities {
        do throws(TLSFault) { try unsafe TLSSettings.trust(authorities, made, isAnnounced: false) } catch {
          throw TLSFault("the authorities: \(error)")
        }
        // An app's own certificate may stand for itself.
        _ = unsafe X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(made), UInt(X509_V_FLAG_PARTIAL_CHAIN))
      } else {
        unsafe Self.trustSystem(made)
      }
      unsafe SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nil)
    } else {
      unsafe SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nil)
    }
    if let certificate = settings.certificate { try certificate.use(in: context) }
    let offered = [UInt8(Protocols.own.count)] + Protocols.own
    // Safe: the list is copied. The answer of this one call is 0 when all is well.
    guard unsafe SSL_CTX_set_alpn_protos(made, offered, UInt32(offered.count)) == 0 else { throw TLSFault("out of memory") }
  }

  deinit { unsafe SSL_CTX_free(context.pointer) }

  private static func trustSystem(_ context: OpaquePointer) {
    ErrorQueue.clear()
    // Safe: the paths live for the calls. SSL_CERT_FILE and SSL_CERT_DIR, which OpenSSL's own way heeds, go before.
    let isNamed = unsafe getenv("SSL_CERT_FILE") != nil || getenv("SSL_CERT_DIR") != nil
    if !isNamed, systemFiles.contains(where: { unsafe SSL_CTX_load_verify_file(context, $0) == 1 }) { return ErrorQueue.clear() }
    _ = unsafe SSL_CTX_set_default_verify_paths(context)
    ErrorQueue.clear()
  }

  /// A connection on a socket that is connected; `nil` when memory runs out. It does not own the socket.
  /// - Parameters:
  ///   - name: what the app's certificate has to be for: a host name, which is asked for too, or a numeric address.
  ///   - session: to be taken up again, if it is of this client and the app still knows it.
  ///   - output: what connections of the same thread share.
  package func connection(on descriptor: Int32, name: String, session: TLSSession?, output: TLSOutput = TLSOutput()) -> TLSConnection? {
    guard let connection = unsafe TLSConnection(context.pointer, descriptor, output: output, owner: self) else { return nil }
    let isReady = unsafe connection.withPointer { pointer in
      unsafe SSL_set_connect_state(pointer)
      let parameters = unsafe SSL_get0_param(pointer)
      // Safe: the name is copied, and the session counted.
      if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, name) != 1 {
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe SSL_set1_host(pointer, name) == 1, unsafe anteroom_ssl_set_host(pointer, name) == 1 else { return false }
      }
      // What other authorities have verified would not be verified again.
      if let session, session.owner === self { _ = unsafe SSL_set_session(pointer, session.pointer) }
      return true
    }
    ErrorQueue.clear()
    return isReady ? connection : nil
  }
}

/// What a connection to an app leaves behind for the next one. Stays on one thread.
@safe package final class TLSSession {
  // Counted; this object's share is given back in `deinit`.
  let pointer: OpaquePointer
  // Whose connection it is of.
  let owner: AnyObject

  fileprivate init(_ pointer: OpaquePointer, owner: AnyObject) {
    unsafe self.pointer = pointer
    self.owner = owner
  }

  deinit { unsafe SSL_SESSION_free(pointer) }
}

extension TLSConnection {
  /// The session as it is now, if it can be taken up again; over TLS 1.3 the app sends it with, or before, its first answer.
  package var session: TLSSession? {
    unsafe withPointer { connection in
      guard let session = unsafe SSL_get1_session(connection) else { return nil }
      let kept = unsafe TLSSession(session, owner: owner)
      return unsafe SSL_SESSION_is_resumable(session) == 1 ? kept : nil
    }
  }
}
