import TLS

/// What the app is told of a client's certificate, on listeners that ask for one. The names are the gateway's alone: see `OwnedFields`.
enum ClientCertificateLines {
  /// Whole lines. A certificate that none of the authorities stands for never gets this far.
  static func lines(_ certificate: PeerCertificate?) -> [UInt8] {
    guard let certificate else { return [UInt8]("X-Client-Certificate-Verified: NONE\r\n".utf8) }
    var lines = "X-Client-Certificate-Verified: SUCCESS\r\n"
    if !certificate.subject.isEmpty { lines += "X-Client-Certificate-Subject: \(certificate.subject)\r\n" }
    if !certificate.issuer.isEmpty { lines += "X-Client-Certificate-Issuer: \(certificate.issuer)\r\n" }
    lines += "X-Client-Certificate-Fingerprint: \(certificate.fingerprint)\r\n"
    return [UInt8](lines.utf8)
  }
}
