import Testing

@testable import TLS

@Suite struct CertificateNamesTests {
  private func names(_ certificates: (names: [String], kind: KeyKind)...) -> CertificateNames {
    CertificateNames(
      certificates.map { CertificateFacts(names: $0.names, keyKind: $0.kind, notBefore: 0, notAfter: 1, fingerprint: []) })
  }

  private func choice(_ names: CertificateNames, _ name: String) -> [Int] { names.choice(for: [UInt8](name.utf8)) }

  @Test("an exact name wins over a wildcard, which stands for one label")
  func exact() {
    let names = names((["first.test"], .rsa), (["*.example.com"], .rsa), (["app.example.com"], .rsa))
    #expect(choice(names, "app.example.com") == [2])
    #expect(choice(names, "other.example.com") == [1])
    #expect(choice(names, "a.b.example.com") == [0])
    #expect(choice(names, "example.com") == [0])
    #expect(choice(names, ".example.com") == [0])
    #expect(choice(names, "") == [0])
  }

  @Test("certificates with keys of different kinds stand beside each other; of the same kind the first one counts")
  func kinds() {
    let names = names((["app.test"], .rsa), (["app.test"], .ecdsa), (["app.test"], .rsa), (["*.test"], .ecdsa))
    #expect(choice(names, "app.test") == [0, 1])
    #expect(choice(names, "other.test") == [3])
    #expect(names.fallback == [0, 1])
  }

  @Test("an exact name of one kind is joined by a wildcard of another")
  func mixed() {
    let names = names((["app.example.com"], .rsa), (["*.example.com"], .ecdsa))
    #expect(choice(names, "app.example.com") == [0, 1])
    #expect(choice(names, "x.example.com") == [1])
  }

  @Test("the first certificate is the fallback, whatever its names")
  func fallback() {
    #expect(names(([], .rsa), (["a.test"], .rsa)).fallback == [0])
    #expect(choice(names(([], .rsa), (["a.test"], .rsa)), "b.test") == [0])
  }

  @Test("every choice that a name can lead to is known before")
  func choices() {
    let names = names((["app.example.com", "*.clinic.test"], .rsa), (["*.example.com"], .ecdsa), (["b.clinic.test"], .ecdsa))
    for name in ["app.example.com", "x.example.com", "a.clinic.test", "b.clinic.test", "none", "*.example.com"] {
      #expect(names.choices.contains(choice(names, name)))
    }
  }

  @Test(
    "a certificate covers hosts as browsers see it",
    arguments: [
      ("app.test", true), ("a.clinic.test", true), ("*.clinic.test", true), ("clinic.test", false), ("a.b.clinic.test", false),
      ("127.0.0.1", true), ("127.0.0.2", false), ("*.app.test", false),
    ])
  func covers(_ host: String, _ expected: Bool) {
    let facts = CertificateFacts(
      names: ["app.test", "*.clinic.test"], addresses: ["127.0.0.1"], keyKind: .rsa, notBefore: 0, notAfter: 1, fingerprint: [])
    #expect(facts.covers(host) == expected)
  }
}
