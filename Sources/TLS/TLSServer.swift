import COpenSSL
import COpenSSLShim
import Crypto

/// What a listener's `tls` lines and its authorities for clients come to.
package struct TLSServerSettings {
  /// At least one; the first is for clients that ask for none of the names.
  package var certificates: [(certificate: Certificate, staple: Staple?)]
  /// PEM of the authorities whose certificates clients may or must have; `nil` where none are asked for.
  package var clientAuthorities: [UInt8]?
  package var clientMustHaveCertificate: Bool
  /// Seconds since 1970 UTC: a staple whose time is over is not sent any more.
  package var clock: @Sendable () -> Int64

  package init(
    certificates: [(certificate: Certificate, staple: Staple?)], clientAuthorities: [UInt8]? = nil, clientMustHaveCertificate: Bool = true,
    clock: @escaping @Sendable () -> Int64
  ) {
    self.certificates = certificates
    self.clientAuthorities = clientAuthorities
    self.clientMustHaveCertificate = clientMustHaveCertificate
    self.clock = clock
  }
}

/// An object of OpenSSL's that any number of threads may use at a time, as its documentation says of an `SSL_CTX` that is not changed any more:
/// it counts its references atomically. As a number, since Swift lets no pointer cross threads.
struct SharedPointer: Sendable {
  private let bits: UInt

  init(_ pointer: OpaquePointer?) { bits = UInt(bitPattern: pointer) }

  var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: bits) }

  func isSame(_ other: OpaquePointer?) -> Bool { UInt(bitPattern: other) == bits }
}

/// The server's side of TLS for one listener: it chooses the certificates by the name that a client asks for. All threads share it.
package final class TLSServer: Sendable {
  /// What the certificates say, in the order of the configuration.
  package let certificates: [CertificateFacts]
  private let names: CertificateNames
  private let choices: [[Int]: TLSChoice]
  private let fallback: TLSChoice

  package init(_ settings: TLSServerSettings, tickets: TicketSecrets) throws(TLSFault) {
    guard !settings.certificates.isEmpty else { throw TLSFault("there is no certificate") }
    certificates = settings.certificates.map(\.certificate.facts)
    names = CertificateNames(certificates)
    var choices: [[Int]: TLSChoice] = [:]
    for places in names.choices {
      choices[places] = try TLSChoice(places.map { settings.certificates[$0] }, settings, tickets: tickets)
    }
    guard let fallback = choices[names.fallback] else { throw TLSFault("there is no certificate") }
    self.choices = choices
    self.fallback = fallback
    // Safe: the server outlives every connection that is made from it, for these hold it.
    for choice in choices.values { unsafe choice.setServer(Unmanaged.passUnretained(self).toOpaque()) }
  }

  /// A connection on a socket that was accepted; `nil` when memory runs out. It does not own the socket.
  /// - Parameter output: what connections of the same thread share.
  package func connection(on descriptor: Int32, output: TLSOutput = TLSOutput()) -> TLSConnection? {
    unsafe TLSConnection(fallback.context.pointer, descriptor, output: output, owner: self)
  }

  fileprivate func choice(for name: [UInt8]?) -> TLSChoice { name.flatMap { choices[names.choice(for: $0)] } ?? fallback }

  /// Called for a client's first message, before anything of it is acted on.
  fileprivate static let clientHello: @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
    connection, _, argument in
    // Safe: the argument is the server that `init` set.
    guard let server = unsafe argument.map({ unsafe Unmanaged<TLSServer>.fromOpaque($0).takeUnretainedValue() }) else {
      return SSL_CLIENT_HELLO_ERROR
    }
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    var name: [UInt8]?
    // Safe: what OpenSSL lends lives as long as this call.
    if unsafe SSL_client_hello_get0_ext(connection, UInt32(TLSEXT_TYPE_server_name), &bytes, &count) == 1 {
      name = unsafe ServerName.parse(UnsafeBufferPointer(start: bytes, count: count).span)
    }
    let choice = server.choice(for: name)
    if choice !== server.fallback { _ = unsafe SSL_set_SSL_CTX(connection, choice.context.pointer) }
    return SSL_CLIENT_HELLO_SUCCESS
  }
}

/// The certificates for one name, at most one for each kind of key, with everything that goes with them.
private final class TLSChoice: Sendable {
  let context: SharedPointer
  private let tickets: TicketKeys
  private let staples: [(certificate: SharedPointer, staple: Staple)]
  private let clock: @Sendable () -> Int64

  init(_ certificates: [(certificate: Certificate, staple: Staple?)], _ settings: TLSServerSettings, tickets secrets: TicketSecrets)
    throws(TLSFault)
  {
    let made = try unsafe TLSSettings.context(TLS_server_method())
    unsafe context = SharedPointer(made)
    staples = certificates.compactMap { entry in entry.staple.map { (unsafe SharedPointer(entry.certificate.leaf), $0) } }
    clock = settings.clock
    var digest: [UInt8] = []
    for (certificate, _) in certificates { digest += certificate.facts.fingerprint }
    digest +=
      SHA256.hash(settings.clientAuthorities ?? []) + [settings.clientAuthorities == nil ? 0 : settings.clientMustHaveCertificate ? 2 : 1]
    digest = SHA256.hash(digest)
    tickets = TicketKeys(secrets, settings: digest)
    // From here on `deinit` frees what was made.
    for (certificate, _) in certificates { try certificate.use(in: context) }
    unsafe SSL_CTX_set_alpn_select_cb(made, Self.chooseProtocol, nil)
    // Safe: 32 bytes are copied. Sessions of another choice do not fit, whatever else is the same.
    _ = unsafe SSL_CTX_set_session_id_context(made, digest, UInt32(digest.count))
    unsafe SSL_CTX_set_timeout(made, Int(TicketSecrets.lifetime))
    // Safe: the choice owns the context, and the server, which every connection holds, owns the choice.
    _ = unsafe SSL_CTX_set_ex_data(made, 0, Unmanaged.passUnretained(self).toOpaque())
    _ = unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(made, Self.prepareTicket)
    if !staples.isEmpty { _ = unsafe anteroom_ssl_set_status_callback(made, Self.staple, Unmanaged.passUnretained(self).toOpaque()) }
    if let authorities = settings.clientAuthorities {
      do throws(TLSFault) { try unsafe TLSSettings.trust(authorities, made, isAnnounced: true) } catch {
        throw TLSFault("the authorities for clients: \(error)")
      }
      unsafe SSL_CTX_set_verify(
        made, SSL_VERIFY_PEER | (settings.clientMustHaveCertificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nil)
    }
  }

  deinit { unsafe SSL_CTX_free(context.pointer) }

  func setServer(_ server: UnsafeMutableRawPointer) { unsafe SSL_CTX_set_client_hello_cb(context.pointer, TLSServer.clientHello, server) }

  // MARK: What OpenSSL asks

  /// The choice that a connection has come to.
  private static func of(_ connection: OpaquePointer?) -> TLSChoice? {
    // Safe: `init` set the entry, and the choice lives as long as the connection.
    unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), 0).map { unsafe Unmanaged<TLSChoice>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let prepareTicket:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?, Int32) ->
      Int32 = {
        connection, name, vector, cipher, mac, isMaking in
        guard let choice = unsafe TLSChoice.of(connection), let name = unsafe name, let vector = unsafe vector, let cipher = unsafe cipher,
          let mac = unsafe mac
        else { return -1 }
        return unsafe choice.tickets.prepare(name, vector, cipher, mac, isMaking: isMaking == 1)
      }

  /// A client that offers other protocols only is turned away: what it says would be read as HTTP.
  private static let chooseProtocol:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, UInt32,
      UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, count, offered, offeredCount, _ in
      // Safe: OpenSSL lends the list for the call, and takes a pointer into it for the answer.
      let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
      guard let range = unsafe Protocols.find(in: list.span), let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
      unsafe chosen?.pointee = unsafe offered + range.lowerBound
      unsafe count?.pointee = UInt8(range.count)
      return SSL_TLSEXT_ERR_OK
    }

  private static let staple: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { connection, argument in
    // Safe: the argument is the choice that `init` set; the response is copied.
    guard let choice = unsafe argument.map({ unsafe Unmanaged<TLSChoice>.fromOpaque($0).takeUnretainedValue() }),
      let staple = choice.staples.first(where: { unsafe $0.certificate.isSame(SSL_get_certificate(connection)) })?.staple,
      staple.fault(at: choice.clock()) == nil,
      unsafe anteroom_ssl_set_status(connection, staple.response, staple.response.count) == 1
    else { return SSL_TLSEXT_ERR_NOACK }
    return SSL_TLSEXT_ERR_OK
  }
}
