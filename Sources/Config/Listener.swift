/// One `listen` directive: an IP address and port.
package struct Listener: Sendable, Equatable {
  /// A numeric IPv4 or IPv6 address, without brackets.
  package var address: String
  /// 0 lets the kernel choose one.
  package var port: UInt16
  /// Connections of its own: 1 to 1,000,000; `nil` for no limit but the common one.
  package var connections: Int?
  /// `nil` for plain HTTP.
  package var tls: ListenerTLS?
  /// `redirect https`: the port that browsers are sent to; `nil` where requests are served.
  package var redirectPort: UInt16?
  /// `proxy_protocol`: who may connect, and must send a PROXY header; `nil` for anybody, without one.
  package var proxies: [IPNetwork]?
  /// `scheme`: what browsers use; `nil` for what the listener speaks.
  package var scheme: Scheme?

  /// What browsers use.
  package enum Scheme: Sendable { case http, https }

  package init(
    address: String, port: UInt16, connections: Int? = nil, tls: ListenerTLS? = nil, redirectPort: UInt16? = nil,
    proxies: [IPNetwork]? = nil, scheme: Scheme? = nil
  ) {
    self.address = address
    self.port = port
    self.connections = connections
    self.tls = tls
    self.redirectPort = redirectPort
    self.proxies = proxies
    self.scheme = scheme
  }
}

/// `tls` and what belongs to it. All paths are absolute, and the files were there when the configuration was read.
package struct ListenerTLS: Sendable, Equatable {
  /// `client_ca`: whose certificates browsers are asked for.
  package struct ClientAuthority: Sendable, Equatable {
    package var path: String
    /// A browser without one is turned away.
    package var isRequired: Bool
    package var position: Position

    package init(path: String, isRequired: Bool, position: Position) {
      self.path = path
      self.isRequired = isRequired
      self.position = position
    }
  }

  /// At least one; the first is for browsers that ask for none of the names.
  package var certificates: [CertificateFiles]
  package var clientAuthority: ClientAuthority?

  package init(certificates: [CertificateFiles], clientAuthority: ClientAuthority? = nil) {
    self.certificates = certificates
    self.clientAuthority = clientAuthority
  }
}

/// A file of authorities' certificates.
package struct AuthorityFile: Sendable, Hashable {
  package var path: String
  /// Where it is named.
  package var position: Position

  package init(path: String, position: Position) {
    self.path = path
    self.position = position
  }
}

/// A certificate with its chain, and its key.
package struct CertificateFiles: Sendable, Hashable {
  package var chain: String
  package var key: String
  /// Where they are named.
  package var position: Position

  package init(chain: String, key: String, position: Position) {
    self.chain = chain
    self.key = key
    self.position = position
  }

  /// Where the authority's word that the certificate is still good is looked for (OCSP, in DER).
  package var staple: String { chain + ".ocsp" }
}
