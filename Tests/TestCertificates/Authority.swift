import COpenSSL
import Glibc

/// Certificates that a test makes for itself, in memory, of an authority of its own.
package final class Authority {
  package enum Kind: Sendable { case rsa, ecdsa, ed25519 }

  package enum Fault: Error { case openSSL }

  package let pem: [UInt8]
  let key: OpaquePointer
  let certificate: OpaquePointer

  package init(_ name: String = "test authority") throws {
    key = try Self.makeKey(.ecdsa)
    let made = try Self.make(name, key, issuer: nil, days: 0...30, names: nil)
    certificate = made
    pem = try Self.text { PEM_write_bio_X509($0, made) }
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  /// PEM of a certificate for `names` (`DNS:a.test,IP:127.0.0.1`) and of its key; `days` from now on. `subject` is its common name.
  package func issue(
    _ names: String, _ kind: Kind = .ecdsa, days: ClosedRange<Int> = 0...10, subject: String = "leaf"
  ) throws -> (chain: [UInt8], key: [UInt8]) {
    let own = try Self.makeKey(kind)
    defer { EVP_PKEY_free(own) }
    let made = try Self.make(subject, own, issuer: (certificate, key), days: days, names: names)
    defer { X509_free(made) }
    return (try Self.text { PEM_write_bio_X509($0, made) }, try Self.text { PEM_write_bio_PrivateKey($0, own, nil, nil, 0, nil, nil) })
  }

  private static func makeKey(_ kind: Kind) throws -> OpaquePointer {
    guard let context = EVP_PKEY_CTX_new_from_name(nil, kind == .rsa ? "RSA" : kind == .ecdsa ? "EC" : "ED25519", nil) else {
      throw Fault.openSSL
    }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, kind != .ecdsa || EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      EVP_PKEY_generate(context, &key) == 1, let key
    else { throw Fault.openSSL }
    return key
  }

  private static func make(
    _ name: String, _ key: OpaquePointer, issuer: (certificate: OpaquePointer, key: OpaquePointer)?, days: ClosedRange<Int>, names: String?
  ) throws -> OpaquePointer {
    guard let made = X509_new() else { throw Fault.openSSL }
    X509_set_version(made, 2)
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), UInt64.random(in: 1...UInt64(Int64.max)))
    X509_gmtime_adj(X509_getm_notBefore(made), days.lowerBound * 86_400 - 60)
    X509_gmtime_adj(X509_getm_notAfter(made), days.upperBound * 86_400)
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8, name, Int32(name.utf8.count), -1, 0)
    X509_set_issuer_name(made, issuer.map { X509_get_subject_name($0.certificate) } ?? X509_get_subject_name(made))
    X509_set_pubkey(made, key)
    try extend(made, NID_basic_constraints, issuer == nil ? "critical,CA:TRUE" : "CA:FALSE")
    if let names { try extend(made, NID_subject_alt_name, names) }
    guard X509_sign(made, issuer?.key ?? key, EVP_sha256()) > 0 else { throw Fault.openSSL }
    return made
  }

  private static func extend(_ certificate: OpaquePointer, _ kind: Int32, _ value: String) throws {
    guard let made = X509V3_EXT_conf_nid(nil, nil, kind, value), X509_add_ext(certificate, made, -1) == 1 else { throw Fault.openSSL }
    X509_EXTENSION_free(made)
  }

  private static func text(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
    guard let memory = BIO_new(BIO_s_mem()) else { throw Fault.openSSL }
    defer { BIO_free(memory) }
    guard write(memory) == 1 else { throw Fault.openSSL }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = BIO_read(memory, &bytes, Int32(bytes.count))
    return Array(bytes[..<max(0, Int(count))])
  }
}
