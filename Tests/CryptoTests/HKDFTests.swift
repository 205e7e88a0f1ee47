import Testing

@testable import Crypto

func bytes(_ hex: String) -> [UInt8] {
  var result: [UInt8] = []
  var rest = Substring(hex)
  while let byte = UInt8(rest.prefix(2), radix: 16), !rest.isEmpty {
    result.append(byte)
    rest = rest.dropFirst(2)
  }
  return result
}

@Suite struct HKDFTests {
  @Test("RFC 5869, test case 1")
  func rfc5869Case1() {
    let key = HKDF.extract(Secret(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")), salt: bytes("000102030405060708090a0b0c"))
    let output = HKDF.expand(key, info: bytes("f0f1f2f3f4f5f6f7f8f9"), count: 42)
    #expect(output == bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
  }

  @Test("RFC 5869, test case 3: no salt, no info")
  func rfc5869Case3() {
    let key = HKDF.extract(Secret(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")), salt: [])
    let output = HKDF.expand(key, info: [], count: 42)
    #expect(output == bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
  }

  @Test("another purpose gives another key")
  func purposesDiffer() {
    let secret = Secret.random(count: 32)
    let a = HKDF.derive(from: secret, info: "a").withBytes { Array(copying: $0) }
    let b = HKDF.derive(from: secret, info: "b").withBytes { Array(copying: $0) }
    #expect(a != b && a.count == 32)
  }
}

extension Array where Element == UInt8 {
  init(copying span: Span<UInt8>) {
    self = []
    for i in 0..<span.count { append(span[i]) }
  }
}
