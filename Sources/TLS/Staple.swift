import COpenSSL
import COpenSSLShim
import Glibc

/// An authority's signed word that a certificate is still good (OCSP, RFC 6960), to be sent along with it.
package struct Staple: Sendable, Equatable {
  /// In DER.
  let response: [UInt8]
  /// From when until when it holds: seconds since 1970 UTC.
  package let notBefore: Int64
  package let notAfter: Int64

  // Clocks differ: an answer that was made a moment ago may seem to be of the future.
  private static let skew: Int64 = 300
  // As browsers take one that does not say when the next one comes.
  private static let usualLifetime: Int64 = 86_400

  /// Reads and verifies an answer. Whether its time is over, `fault` tells.
  /// - Throws: `TLSFault` when it is not the word of this certificate's issuer that the certificate is good.
  package init(_ response: [UInt8], for certificate: Certificate) throws(TLSFault) {
    self.response = response
    ErrorQueue.clear()
    defer { ErrorQueue.clear() }
    let basic = try unsafe Self.read(response)
    defer { unsafe OCSP_BASICRESP_free(basic) }
    guard let issuer = unsafe Self.issuer(of: certificate, basic) else {
      throw TLSFault("the certificate of its issuer is not in the certificate's file, so it cannot be verified (add it there)")
    }
    guard let single = unsafe Self.single(for: certificate.leaf, issuer, in: basic) else {
      throw TLSFault("it is for another certificate (have a new one fetched)")
    }
    guard unsafe Self.isSigned(basic, for: issuer) else {
      throw TLSFault("it is not signed by the certificate's issuer: \(ErrorQueue.reason(ErrorQueue.drain())) (have a new one fetched)")
    }
    var begins: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    var ends: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    // Safe: the times belong to the answer, which lives until this returns.
    switch unsafe OCSP_single_get0_status(single, nil, nil, &begins, &ends) {
    case V_OCSP_CERTSTATUS_GOOD: break
    case V_OCSP_CERTSTATUS_REVOKED: throw TLSFault("it says that the certificate is revoked (get another certificate)")
    default: throw TLSFault("its authority does not know the certificate (have a new one fetched)")
    }
    guard let since = unsafe Certificate.seconds(begins) else { throw TLSFault("its time cannot be read (have a new one fetched)") }
    notBefore = since
    notAfter = unsafe Certificate.seconds(ends) ?? since + Self.usualLifetime
  }

  /// What is wrong with it at a time, in seconds since 1970 UTC; `nil` while it holds.
  package func fault(at now: Int64) -> TLSFault? {
    if now >= notAfter { return TLSFault("its time is over (have a new one fetched)") }
    return now < notBefore - Self.skew ? TLSFault("its time has not come yet (is this machine's clock right?)") : nil
  }

  // MARK: Reading

  /// The answer in a response, for the caller to free.
  private static func read(_ bytes: [UInt8]) throws(TLSFault) -> OpaquePointer {
    let response: OpaquePointer? = unsafe bytes.withUnsafeBufferPointer { buffer in
      // Safe: OpenSSL reads within the array, and makes a new object.
      var next = buffer.baseAddress
      let read = unsafe d2i_OCSP_RESPONSE(nil, &next, buffer.count)
      return unsafe read
    }
    guard let response = unsafe response else {
      throw TLSFault("it is no OCSP answer (it has to be DER, as `openssl ocsp -respout` writes it)")
    }
    defer { unsafe OCSP_RESPONSE_free(response) }
    guard unsafe OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL, let basic = unsafe OCSP_response_get1_basic(response)
    else { throw TLSFault("it is an error that the authority has answered (have a new one fetched)") }
    return unsafe basic
  }

  /// Whose certificate it was that signed ours: in its chain, or sent along with the answer.
  private static func issuer(of certificate: Certificate, _ basic: OpaquePointer) -> OpaquePointer? {
    var candidates = unsafe certificate.chain
    if let sent = unsafe OCSP_resp_get0_certs(basic) {
      for index in 0..<max(0, unsafe anteroom_certificates_count(sent)) {
        // Safe: it belongs to the answer, which outlives our use of it.
        if let one = unsafe anteroom_certificates_value(sent, index) { unsafe candidates.append(one) }
      }
    }
    for index in unsafe candidates.indices {
      let candidate = unsafe candidates[index]
      if unsafe X509_check_issued(candidate, certificate.leaf) == X509_V_OK,
        unsafe X509_verify(certificate.leaf, X509_get0_pubkey(candidate)) == 1
      {
        return unsafe candidate
      }
    }
    ErrorQueue.clear()
    return nil
  }

  /// What the answer says of one certificate; it names it by digests of its issuer and its number.
  private static func single(for leaf: OpaquePointer, _ issuer: OpaquePointer, in basic: OpaquePointer) -> OpaquePointer? {
    for index in 0..<max(0, unsafe OCSP_resp_count(basic)) {
      guard let single = unsafe OCSP_resp_get0(basic, index), let named = unsafe OCSP_SINGLERESP_get0_id(single) else { continue }
      var digest: OpaquePointer?
      // Safe: the object belongs to the answer; the identifier is not changed by being asked.
      guard unsafe OCSP_id_get0_info(nil, &digest, nil, nil, named) == 1,
        let own = unsafe OCSP_cert_to_id(EVP_get_digestbyname(OBJ_nid2sn(OBJ_obj2nid(digest))), leaf, issuer)
      else { continue }
      defer { unsafe OCSP_CERTID_free(own) }
      if unsafe OCSP_id_cmp(own, named) == 0 { return unsafe single }
    }
    return nil
  }

  /// Whether the issuer signed it, or somebody to whom it has given that right.
  private static func isSigned(_ basic: OpaquePointer, for issuer: OpaquePointer) -> Bool {
    guard let store = unsafe X509_STORE_new(), let known = unsafe anteroom_certificates_with(issuer) else { return false }
    defer {
      unsafe anteroom_certificates_free(known)
      unsafe X509_STORE_free(store)
    }
    // Safe: the store takes a reference of its own; the list has none, and is gone before the issuer.
    return unsafe X509_STORE_add_cert(store, issuer) == 1 && OCSP_basic_verify(basic, known, store, UInt(OCSP_PARTIAL_CHAIN)) == 1
  }
}
