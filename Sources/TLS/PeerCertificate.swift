import COpenSSL
import COpenSSLShim
import Crypto

/// What the certificate of a client says, which was verified in its handshake.
package struct PeerCertificate: Sendable, Equatable {
  /// Distinguished names as RFC 4514 writes them, in printable ASCII: everything else is escaped. Empty where there is none, or only one
  /// of more than `nameLimit` bytes: a part of a name would be another name.
  package let subject: String
  package let issuer: String
  /// SHA-256 of it, in lower-case hexadecimal digits.
  package let fingerprint: String

  static let nameLimit = 2048

  /// - Parameter certificate: lent for the call.
  init?(_ certificate: OpaquePointer) {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    // Safe: SHA-256 writes the 32 bytes that there are.
    guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return nil }
    fingerprint = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    subject = unsafe Self.text(X509_get_subject_name(certificate))
    issuer = unsafe Self.text(X509_get_issuer_name(certificate))
  }

  private static func text(_ name: OpaquePointer?) -> String {
    guard let name = unsafe name, let memory = unsafe BIO_new(BIO_s_mem()) else { return "" }
    // Safe: the BIO is ours until it is freed, and is read into our own array.
    defer { unsafe BIO_free(memory) }
    guard unsafe anteroom_name_print(memory, name) >= 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: nameLimit + 1)
    let count = Int(unsafe BIO_read(memory, &bytes, Int32(bytes.count)))
    guard count > 0, count <= nameLimit, bytes[..<count].allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return "" }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

extension TLSConnection {
  /// The client's certificate, if it has shown one: now, or in the handshake of the session that was taken up again.
  package var peerCertificate: PeerCertificate? {
    guard isEstablished else { return nil }
    return unsafe withPointer { connection in
      // Safe: what is lent belongs to the connection, and is not kept.
      guard unsafe SSL_get_verify_result(connection) == Int(X509_V_OK), let certificate = unsafe SSL_get0_peer_certificate(connection)
      else {
        return nil
      }
      return unsafe PeerCertificate(certificate)
    }
  }
}
