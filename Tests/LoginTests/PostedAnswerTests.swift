import Crypto
import Testing

@testable import Login

struct PostedAnswerTests {
  let now = Fixtures.now
  let form = "code=a%2Fb&state=c&iss=https%3A%2F%2Fx".bytes

  private func answers() throws -> PostedAnswers { PostedAnswers(ring: try Fixtures.ring()) }

  @Test("the form comes back byte for byte, for five minutes")
  func roundTrip() throws {
    let sealed = try #require(try answers().seal(form, audience: Fixtures.audience(), now: now, using: CryptoContext())).bytes
    func open(_ after: Int64, _ host: String = "app.example.test") throws -> [UInt8]? {
      try answers().open(sealed.span, audience: Fixtures.audience(host: host), now: now + after, using: CryptoContext())
    }
    #expect(try open(0) == form)
    #expect(try open(PostedAnswers.lifetime - 1) == form)
    #expect(try open(PostedAnswers.lifetime) == nil)
    #expect(try open(-61) == nil)
    #expect(try open(0, "other.test") == nil)
  }

  @Test("an altered one is nothing")
  func altered() throws {
    let audience = try Fixtures.audience()
    var sealed = try #require(try answers().seal(form, audience: audience, now: now, using: CryptoContext())).bytes
    sealed[20] = sealed[20] == 65 ? 66 : 65
    #expect(try answers().open(sealed.span, audience: audience, now: now, using: CryptoContext()) == nil)
  }

  @Test("a form of more than 8 KB is not taken")
  func tooLong() throws {
    let audience = try Fixtures.audience()
    let long = [UInt8](repeating: 65, count: PostedAnswers.maximumForm + 1)
    #expect(try answers().seal(long, audience: audience, now: now, using: CryptoContext()) == nil)
    #expect(try answers().seal(Array(long.dropLast()), audience: audience, now: now, using: CryptoContext()) != nil)
  }
}
