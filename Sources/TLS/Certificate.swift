import COpenSSL
import COpenSSLShim
import Crypto
import Glibc

/// Kinds of keys; a listener may have a certificate of each for one name.
package enum KeyKind: String, Sendable, Hashable { case rsa = "RSA", ecdsa = "ECDSA", ed25519 = "Ed25519" }

/// What a certificate says, for messages, for the status, and to choose one.
package struct CertificateFacts: Sendable, Equatable {
  /// Host names in lower case, wildcards as `*.example.com`.
  package var names: [String]
  /// IPv4 addresses as text; browsers that use one ask for no name.
  package var addresses: [String]
  package var keyKind: KeyKind
  /// Seconds since 1970 UTC.
  package var notBefore: Int64
  package var notAfter: Int64
  /// SHA-256 of the certificate.
  package var fingerprint: [UInt8]

  package init(names: [String], addresses: [String] = [], keyKind: KeyKind, notBefore: Int64, notAfter: Int64, fingerprint: [UInt8]) {
    self.names = names
    self.addresses = addresses
    self.keyKind = keyKind
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.fingerprint = fingerprint
  }

  /// Whether a host is among the names, a wildcard standing for one label; `*.rest` for every such label.
  package func covers(_ host: String) -> Bool {
    if names.contains(host) || addresses.contains(host) { return true }
    guard let dot = host.firstIndex(of: ".") else { return false }
    return names.contains("*" + host[dot...])
  }
}

/// A certificate with its chain and its key, read from PEM. Every pointer is owned by this object, which stays on one thread.
@safe package final class Certificate {
  package let facts: CertificateFacts
  let leaf: OpaquePointer
  let chain: [OpaquePointer]
  let key: OpaquePointer

  /// - Parameters:
  ///   - chain: PEM: the certificate itself, then those that lead to its authority.
  ///   - key: PEM, without a pass phrase.
  package init(chain: [UInt8], key: [UInt8]) throws(TLSFault) {
    var all = try unsafe Self.readCertificates(chain)
    guard unsafe !all.isEmpty else {
      throw TLSFault("there is no certificate in it (name a PEM file that begins with -----BEGIN CERTIFICATE-----)")
    }
    let leaf = unsafe all.removeFirst()
    unsafe self.leaf = leaf
    unsafe self.chain = all
    let read: OpaquePointer
    do throws(TLSFault) {
      unsafe read = try Self.readKey(key)
      guard unsafe X509_check_private_key(leaf, read) == 1 else {
        unsafe EVP_PKEY_free(read)
        _ = ErrorQueue.drain()
        throw TLSFault("the key is not this certificate's (name the key that the certificate was made for)")
      }
    } catch {
      unsafe Self.free([leaf] + all)
      throw error
    }
    unsafe self.key = read
    do throws(TLSFault) { facts = try unsafe Self.facts(leaf, read) } catch {
      unsafe Self.free([leaf] + all)
      unsafe EVP_PKEY_free(read)
      throw error
    }
  }

  deinit {
    unsafe Self.free([leaf] + chain)
    unsafe EVP_PKEY_free(key)
  }

  /// Every certificate in a PEM file, for the caller to free.
  static func readCertificates(_ pem: [UInt8]) throws(TLSFault) -> [OpaquePointer] {
    ErrorQueue.clear()
    var found: [OpaquePointer] = unsafe []
    var isMalformed = false
    unsafe withMemory(pem) { memory in
      // Safe: what is read is a new object each time, which this array holds from then on.
      while let next = unsafe PEM_read_bio_X509(memory, nil, noPassPhrase, nil) { unsafe found.append(next) }
      // Nothing more to begin with is the end of a good file.
      let code = ERR_peek_last_error()
      isMalformed = ErrorQueue.reasonNumber(UInt(code)) != PEM_R_NO_START_LINE
    }
    let reason = ErrorQueue.reason(ErrorQueue.drain())
    guard !isMalformed else {
      unsafe free(found)
      throw TLSFault("it is no PEM file of certificates: \(reason)")
    }
    return unsafe found
  }

  private static func readKey(_ pem: [UInt8]) throws(TLSFault) -> OpaquePointer {
    ErrorQueue.clear()
    var key: OpaquePointer?
    // Safe: what is read is a new object, and the caller's from then on.
    unsafe withMemory(pem) { unsafe key = PEM_read_bio_PrivateKey($0, nil, noPassPhrase, nil) }
    let code = ErrorQueue.drain()
    guard let key = unsafe key else {
      let isEncrypted = pem.firstRange(of: [UInt8]("ENCRYPTED".utf8)) != nil
      throw TLSFault(
        isEncrypted
          ? "the key has a pass phrase (take it off: openssl pkey -in KEY -out NEW)"
          : "the key cannot be read: \(ErrorQueue.reason(code)) (name a PEM file that begins with -----BEGIN PRIVATE KEY-----)")
    }
    return unsafe key
  }

  /// Lends a memory BIO over `bytes`.
  private static func withMemory(_ bytes: [UInt8], _ body: (OpaquePointer) -> Void) {
    unsafe bytes.withUnsafeBytes { buffer in
      // Safe: the BIO reads the array in place, and is gone before the array may be.
      guard let memory = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else { return }
      unsafe body(memory)
      unsafe BIO_free(memory)
    }
  }

  static func free(_ certificates: [OpaquePointer]) {
    for index in unsafe certificates.indices { unsafe X509_free(certificates[index]) }
  }

  /// Has connections of a context show this certificate.
  func use(in context: SharedPointer) throws(TLSFault) {
    ErrorQueue.clear()
    // Safe: the context takes references of its own.
    var isGood = unsafe SSL_CTX_use_certificate(context.pointer, leaf) == 1 && SSL_CTX_use_PrivateKey(context.pointer, key) == 1
    for index in unsafe chain.indices where isGood { isGood = unsafe anteroom_ssl_add_chain(context.pointer, chain[index]) == 1 }
    if !isGood { throw TLSFault("the certificate cannot be used: \(ErrorQueue.reason(ErrorQueue.drain()))") }
  }

  // MARK: What it says

  private static func facts(_ certificate: OpaquePointer, _ key: OpaquePointer) throws(TLSFault) -> CertificateFacts {
    let kind: KeyKind
    switch unsafe EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA: kind = .rsa
    case EVP_PKEY_EC: kind = .ecdsa
    case EVP_PKEY_ED25519: kind = .ed25519
    default: throw TLSFault("its key is neither RSA nor ECDSA (make a P-256 key: openssl ecparam -genkey -name prime256v1)")
    }
    if kind == .rsa, unsafe EVP_PKEY_get_bits(key) < 2048 { throw TLSFault("its RSA key is shorter than 2048 bits (make a longer one)") }
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    // Safe: SHA-256 writes the 32 bytes that there are.
    guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { throw TLSFault("the certificate cannot be read") }
    let (names, addresses) = unsafe alternativeNames(certificate)
    guard let begins = unsafe seconds(X509_get0_notBefore(certificate)), let ends = unsafe seconds(X509_get0_notAfter(certificate)) else {
      throw TLSFault("its time of validity cannot be read")
    }
    return CertificateFacts(names: names, addresses: addresses, keyKind: kind, notBefore: begins, notAfter: ends, fingerprint: digest)
  }

  /// Seconds since 1970 UTC.
  static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var parts = unsafe tm()
    // Safe: the time belongs to the certificate, which lives; the structure is our own. Of no time OpenSSL makes the present one.
    guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return unsafe Int64(timegm(&parts))
  }

  /// The `subjectAltName`s; browsers look at nothing else.
  private static func alternativeNames(_ certificate: OpaquePointer) -> (names: [String], addresses: [String]) {
    // Safe: the list is ours until it is freed below, and its entries are read before that.
    guard let list = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return ([], []) }
    defer { unsafe anteroom_names_free(list) }
    var names: [String] = []
    var addresses: [String] = []
    for index in 0..<max(0, unsafe anteroom_names_count(list)) {
      var kind: Int32 = 0
      guard let name = unsafe anteroom_names_value(list, index), let value = unsafe GENERAL_NAME_get0_value(name, &kind),
        kind == GEN_DNS || kind == GEN_IPADD
      else { continue }
      let text = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
      guard let data = unsafe ASN1_STRING_get0_data(text) else { continue }
      let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(text))))
      if kind == GEN_IPADD {
        if bytes.count == 4 { addresses.append(bytes.map(String.init).joined(separator: ".")) }
      } else if bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
        names.append(String(decoding: bytes, as: UTF8.self).lowercased())
      }
    }
    return (names, addresses)
  }
}

/// Never asks a terminal for the pass phrase of a key.
let noPassPhrase: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, _ in -1 }
