import COpenSSL
import COpenSSLShim

/// What all connections have in common: TLS 1.2 and 1.3 as Mozilla's "intermediate" recommends, without DHE, whose key exchange costs the server
/// far more than the client.
enum TLSSettings {
  static let ciphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
  static let ciphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  static let groups = "X25519:prime256v1:secp384r1"
  // A chain longer than this has no business here, and each link costs a signature's check.
  static let depth: Int32 = 6

  /// A new context, for the caller to free.
  static func context(_ method: OpaquePointer?) throws(TLSFault) -> OpaquePointer {
    ErrorQueue.clear()
    guard let context = unsafe SSL_CTX_new(method) else { throw TLSFault("OpenSSL: \(ErrorQueue.reason(ErrorQueue.drain()))") }
    let isGood =
      unsafe anteroom_ssl_set_versions(context, TLS1_2_VERSION, TLS1_3_VERSION) == 1
      && SSL_CTX_set_cipher_list(context, ciphers12) == 1
      && SSL_CTX_set_ciphersuites(context, ciphers13) == 1
      && anteroom_ssl_set_groups(context, groups) == 1
    guard isGood else {
      unsafe SSL_CTX_free(context)
      throw TLSFault("OpenSSL: \(ErrorQueue.reason(ErrorQueue.drain()))")
    }
    unsafe SSL_CTX_set_security_level(context, 2)
    unsafe anteroom_ssl_set_options(context)
    unsafe anteroom_ssl_set_mode(context)
    _ = unsafe anteroom_ssl_no_session_cache(context)
    unsafe SSL_CTX_set_verify_depth(context, depth)
    unsafe SSL_CTX_set_info_callback(context, countMessage)
    return unsafe context
  }

  // Counts in the place that each connection keeps for its user.
  private static let countMessage: @convention(c) (OpaquePointer?, Int32, Int32) -> Void = { connection, kind, _ in
    // Ends of calls are none: there may be many for one message.
    guard kind & SSL_CB_EXIT == 0, let connection = unsafe connection else { return }
    // Safe: the number is kept in the place of a pointer that nobody follows.
    _ = unsafe SSL_set_ex_data(connection, 0, UnsafeMutableRawPointer(bitPattern: messages(connection) + 1))
  }

  /// How many messages that are no data a connection has had, those of its handshake among them.
  static func messages(_ connection: OpaquePointer) -> Int { unsafe Int(bitPattern: SSL_get_ex_data(connection, 0)) }

  /// Trusts the authorities of a PEM file, and nobody else.
  static func trust(_ pem: [UInt8], _ context: OpaquePointer, isAnnounced: Bool) throws(TLSFault) {
    let authorities = try unsafe Certificate.readCertificates(pem)
    defer { unsafe Certificate.free(authorities) }
    guard unsafe !authorities.isEmpty else { throw TLSFault("there is no certificate in it (name a PEM file of the authorities)") }
    for index in unsafe authorities.indices {
      // Safe: the store and the list take references of their own.
      guard unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authorities[index]) == 1 else {
        throw TLSFault("an authority cannot be used: \(ErrorQueue.reason(ErrorQueue.drain()))")
      }
      if isAnnounced { _ = unsafe SSL_CTX_add_client_CA(context, authorities[index]) }
    }
  }
}
