import Crypto
import Testing

@testable import Login

@Suite struct HeldFormTests {
  private let form = HeldForm(
    target: "/a?b".bytes, contentType: "application/x-www-form-urlencoded".bytes, referer: "https://app.example.test/x".bytes, sentAt: 99,
    summary: FormSummary(fields: 2, files: [FormSummary.File(name: "ä.pdf", size: 5)], fileCount: 3), body: [0, 255, 13, 10])
  private let crypto = CryptoContext()

  @Test("a form opens as it was with its own key, and with no other, nor for another place, nor altered")
  func sealed() throws {
    let key = Secret.random(count: HeldForm.keyCount)
    let audience = try Fixtures.audience()
    let sealed = form.sealed(key: key, audience: audience, using: crypto)
    #expect(HeldForm(sealed: sealed, key: key, audience: audience, using: crypto) == form)
    var altered = sealed
    altered[20] ^= 1
    for (bytes, key, audience) in [
      (sealed, Secret.random(count: HeldForm.keyCount), audience), (sealed, key, try Fixtures.audience("else.test")),
      (sealed, key, try Fixtures.audience(host: "other.example.test")), (altered, key, audience), ([], key, audience),
    ] {
      #expect(HeldForm(sealed: bytes, key: key, audience: audience, using: crypto) == nil)
    }
    #expect(sealed.firstRange(of: form.target) == nil)
  }

  @Test("a form without a Referer has none afterwards")
  func noReferer() throws {
    var form = form
    form.referer = nil
    let key = Secret.random(count: HeldForm.keyCount)
    let audience = try Fixtures.audience()
    let sealed = form.sealed(key: key, audience: audience, using: crypto)
    #expect(HeldForm(sealed: sealed, key: key, audience: audience, using: crypto) == form)
  }
}
