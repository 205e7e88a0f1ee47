import COpenSSL

extension Authority {
  /// What an authority may say of a certificate.
  package enum Word: Sendable { case good, revoked, unknown }

  /// DER of an OCSP answer about a certificate (PEM), from and until so many seconds from now.
  /// - Parameters:
  ///   - until: `nil` where it does not say when the next one comes.
  ///   - signer: whose signature it has; `nil` for this authority's own.
  ///   - isSignerSent: the signer's certificate goes along.
  package func staple(
    for chain: [UInt8], _ word: Word = .good, from: Int = -60, until: Int? = 3600, signer: Authority? = nil, isSignerSent: Bool = true
  ) throws -> [UInt8] {
    let leaf = try Self.certificate(chain)
    defer { X509_free(leaf) }
    guard let basic = OCSP_BASICRESP_new(), let id = OCSP_cert_to_id(EVP_sha256(), leaf, certificate) else { throw Fault.openSSL }
    defer {
      OCSP_BASICRESP_free(basic)
      OCSP_CERTID_free(id)
    }
    let (begins, ends) = (X509_gmtime_adj(nil, from), until.flatMap { X509_gmtime_adj(nil, $0) })
    // OpenSSL wants the longer form of a time here.
    let (since, next) = (ASN1_TIME_to_generalizedtime(begins, nil), ends.flatMap { ASN1_TIME_to_generalizedtime($0, nil) })
    defer { for time in [begins, ends, since, next] { ASN1_STRING_free(time) } }
    let status = [Word.good: V_OCSP_CERTSTATUS_GOOD, .revoked: V_OCSP_CERTSTATUS_REVOKED][word] ?? V_OCSP_CERTSTATUS_UNKNOWN
    let signing = signer ?? self
    guard OCSP_basic_add1_status(basic, id, status, 0, word == .revoked ? since : nil, since, next) != nil,
      OCSP_basic_sign(basic, signing.certificate, signing.key, EVP_sha256(), nil, isSignerSent ? 0 : UInt(OCSP_NOCERTS)) == 1,
      let response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
    else { throw Fault.openSSL }
    defer { OCSP_RESPONSE_free(response) }
    return try Self.bytes(response)
  }

  /// An answer that is none but an error: "try later".
  package static func refusal() throws -> [UInt8] {
    guard let response = OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, nil) else { throw Fault.openSSL }
    defer { OCSP_RESPONSE_free(response) }
    return try bytes(response)
  }

  private static func bytes(_ response: OpaquePointer) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, Int(i2d_OCSP_RESPONSE(response, nil))))
    let count = bytes.withUnsafeMutableBufferPointer { buffer in
      var next = buffer.baseAddress
      return Int(i2d_OCSP_RESPONSE(response, &next))
    }
    guard count > 0, count == bytes.count else { throw Fault.openSSL }
    return bytes
  }

  private static func certificate(_ pem: [UInt8]) throws -> OpaquePointer {
    let read = pem.withUnsafeBytes { buffer -> OpaquePointer? in
      guard let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
      defer { BIO_free(memory) }
      return PEM_read_bio_X509(memory, nil, nil, nil)
    }
    guard let read else { throw Fault.openSSL }
    return read
  }
}
