import COpenSSL
import Crypto

/// A key pair that a test makes for itself.
package struct TestKey: Sendable {
  package enum Kind: String, Sendable, CaseIterable { case rsa = "RSA", p256 = "P-256", p384 = "P-384", ed25519 = "Ed25519" }
  package enum Fault: Error { case openSSL }

  package let pem: [UInt8]
  /// Modulus and exponent; x and y; or x alone.
  package let numbers: [[UInt8]]
  package let kind: Kind

  package init(_ kind: Kind, bits: Int32 = 2048) throws {
    self.kind = kind
    let type = [Kind.rsa: "RSA", .ed25519: "ED25519"][kind] ?? "EC"
    guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { throw Fault.openSSL }
    defer { EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, type != "EC" || EVP_PKEY_CTX_set_group_name(context, kind.rawValue) == 1,
      type != "RSA" || EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1, EVP_PKEY_generate(context, &made) == 1, let made
    else { throw Fault.openSSL }
    defer { EVP_PKEY_free(made) }
    pem = try Self.bytes { PEM_write_bio_PrivateKey($0, made, nil, nil, 0, nil, nil) }
    numbers = Self.numbers(try Self.bytes { i2d_PUBKEY_bio($0, made) }, kind, bits: Int(bits))
  }

  /// The public half as a JSON Web Key, with members besides (each with a comma in front).
  package func jwk(_ more: String = "") -> String {
    let names = kind == .rsa ? ["n", "e"] : ["x", "y"]
    let type = [Kind.rsa: "RSA", .ed25519: "OKP"][kind] ?? "EC"
    let members = zip(names, numbers).map { "\"\($0)\":\"\(Base64URL.encode($1))\"" }.joined(separator: ",")
    return "{\"kty\":\"\(type)\",\(kind == .rsa ? "" : "\"crv\":\"\(kind.rawValue)\",")\(members)\(more)}"
  }

  package func privateKey() throws -> PrivateKey { try PrivateKey(pem: pem) }

  /// They stand at the end of a SubjectPublicKeyInfo.
  private static func numbers(_ der: [UInt8], _ kind: Kind, bits: Int) -> [[UInt8]] {
    switch kind {
    case .rsa: [Array(der.dropLast(5).suffix(bits / 8)), [1, 0, 1]]
    case .p256: [Array(der.suffix(64).prefix(32)), Array(der.suffix(32))]
    case .p384: [Array(der.suffix(96).prefix(48)), Array(der.suffix(48))]
    case .ed25519: [Array(der.suffix(32))]
    }
  }

  private static func bytes(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
    guard let memory = BIO_new(BIO_s_mem()) else { throw Fault.openSSL }
    defer { BIO_free(memory) }
    guard write(memory) == 1 else { throw Fault.openSSL }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = BIO_read(memory, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(max(0, Int(count))))
  }
}
