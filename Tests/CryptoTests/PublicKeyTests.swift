import TestKeys
import Testing

@testable import Crypto

/// The bytes of base64url.
private func raw(_ text: String) -> [UInt8] { Base64URL.decode(text) ?? [] }

@Suite struct PublicKeyTests {
  private let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
  private let modulus = raw(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32"
      + "690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5Ih"
      + "lJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")
  private let x = raw("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
  private let y = raw("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")

  @Test("RFC 7515, A.2: RS256")
  func rfc7515A2() throws {
    let key = try #require(PublicKey(modulus: modulus, exponent: [1, 0, 1]))
    let signature = raw(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
        + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
        + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
    let message = [UInt8]("eyJhbGciOiJSUzI1NiJ9.\(payload)".utf8)
    #expect(key.verify(message, signature: signature, scheme: .rsaPKCS1(.sha256)))
    #expect(!key.verify(message, signature: signature, scheme: .rsaPKCS1(.sha384)))
    #expect(!key.verify(message, signature: signature, scheme: .rsaPSS(.sha256)))
    #expect(!key.verify(message + [0], signature: signature, scheme: .rsaPKCS1(.sha256)))
    #expect(!key.verify(message, signature: [0] + signature, scheme: .rsaPKCS1(.sha256)))
    #expect(!key.verify(message, signature: [], scheme: .rsaPKCS1(.sha256)))
  }

  @Test("RFC 7515, A.3: ES256")
  func rfc7515A3() throws {
    let key = try #require(PublicKey(curve: .p256, x: x, y: y))
    let signature = raw("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
    let message = [UInt8]("eyJhbGciOiJFUzI1NiJ9.\(payload)".utf8)
    #expect(key.verify(message, signature: signature, scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: signature, scheme: .ecdsa(.sha384)))
    // Another length, or the form that others than JOSE use, is another text for the same signature.
    #expect(!key.verify(message, signature: [0] + signature, scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: signature.prefix(32) + [0] + signature.suffix(32), scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: Array(signature.prefix(31)), scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: [0] + signature.prefix(32) + [0] + signature.suffix(32), scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: DER.integers([signature[..<32], signature[32...]]), scheme: .ecdsa(.sha256)))
    #expect(!key.verify(message, signature: [UInt8](repeating: 0, count: 64), scheme: .ecdsa(.sha256)))
  }

  @Test("RFC 7520, 4.2: PS384")
  func rfc7520PSS() throws {
    let key = try #require(
      PublicKey(
        modulus: raw(
          "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-Qti"
            + "WN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQ"
            + "bS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"),
        exponent: [1, 0, 1]))
    let text =
      "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcg"
      + "b3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hl"
      + "cmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
    let signature = raw(
      "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvW"
        + "Xzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6ui"
        + "P1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw")
    #expect(key.verify([UInt8](text.utf8), signature: signature, scheme: .rsaPSS(.sha384)))
    #expect(!key.verify([UInt8](text.utf8), signature: signature, scheme: .rsaPSS(.sha256)))
    #expect(!key.verify([UInt8](text.utf8), signature: signature, scheme: .rsaPKCS1(.sha384)))
  }

  @Test("RFC 8037, A.5: Ed25519")
  func rfc8037A5() throws {
    let key = try #require(PublicKey(ed25519: raw("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")))
    let signature = raw("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    let message = [UInt8]("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
    #expect(key.verify(message, signature: signature, scheme: .ed25519))
    #expect(!key.verify(message, signature: signature + [0], scheme: .ed25519))
    #expect(!key.verify(message.dropLast(), signature: signature, scheme: .ed25519))
  }

  @Test func refusesPointsOffTheCurveAndOfAnotherLength() {
    var other = y
    other[31] ^= 1
    #expect(PublicKey(curve: .p256, x: x, y: y) != nil)
    #expect(PublicKey(curve: .p256, x: x, y: other) == nil)
    #expect(PublicKey(curve: .p256, x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)) == nil)
    #expect(PublicKey(curve: .p256, x: [0] + x, y: y) == nil)
    #expect(PublicKey(curve: .p256, x: Array(x.dropLast()), y: y + [0]) == nil)
    #expect(PublicKey(curve: .p256, x: Array(x.dropLast()), y: x.suffix(1) + y) == nil)
    #expect(PublicKey(curve: .p384, x: x, y: y) == nil)
    #expect(PublicKey(curve: .rsa, x: [], y: []) == nil)
    #expect(PublicKey(ed25519: x + [0]) == nil)
  }

  @Test func takesRSAOfSomeSizeAlone() {
    func key(_ count: Int, first: UInt8 = 0x80, last: UInt8 = 1, exponent: [UInt8] = [1, 0, 1]) -> PublicKey? {
      PublicKey(modulus: [first] + [UInt8](repeating: 0x55, count: count - 2) + [last], exponent: exponent)
    }
    #expect(key(256)?.bits == 2048)
    #expect(key(1024)?.bits == 8192)
    #expect(key(256, first: 0x7F) == nil)
    #expect(key(128) == nil)
    #expect(key(1025) == nil)
    #expect(key(256, last: 2) == nil)
    for exponent: [UInt8] in [[], [0], [1], [0, 1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]] {
      #expect(key(256, exponent: exponent) == nil, "\(exponent)")
    }
    #expect(key(256, exponent: [0, 3]) != nil)
    #expect(PublicKey(modulus: [], exponent: [3]) == nil)
  }
}
