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
  private func derive(_ secret: String, salt: String, info: String, count: Int) -> [UInt8] {
    HKDF.derive(from: Secret(bytes(secret)), salt: bytes(salt), info: bytes(info), count: count).withBytes { Array(copying: $0) }
  }

  @Test("RFC 5869, test case 1")
  func rfc5869Case1() {
    #expect(
      derive(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", salt: "000102030405060708090a0b0c", info: "f0f1f2f3f4f5f6f7f8f9", count: 42)
        == bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
  }

  @Test("RFC 5869, test case 2: longer than a block everywhere")
  func rfc5869Case2() {
    func run(_ first: UInt8) -> String {
      (0..<80).map { i in
        let digits = String(first &+ UInt8(i), radix: 16)
        return digits.count < 2 ? "0" + digits : digits
      }.joined()
    }
    #expect(
      derive(run(0x00), salt: run(0x60), info: run(0xB0), count: 82)
        == bytes(
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"))
  }

  @Test("RFC 5869, test case 3: no salt, no info")
  func rfc5869Case3() {
    #expect(
      derive("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", salt: "", info: "", count: 42)
        == bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
  }

  @Test("a shorter key is the beginning of a longer one", arguments: [1, 4, 31, 32, 33, 64, 65])
  func prefix(count: Int) {
    let long = derive("01", salt: "02", info: "03", count: 100)
    #expect(derive("01", salt: "02", info: "03", count: count) == [UInt8](long.prefix(count)))
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
