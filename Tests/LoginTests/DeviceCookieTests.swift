import Crypto
import Testing

@testable import Login

struct DeviceCookieTests {
  let now = Fixtures.now

  private func cookies(_ key: UInt8 = 1) throws -> DeviceCookies { DeviceCookies(ring: try Fixtures.ring(Fixtures.key(key))) }

  private func device(_ users: [String]) throws -> Device? {
    var device: Device?
    for (i, user) in users.enumerated() {
      let value = try cookies().seal(adding: user, to: device, audience: Fixtures.audience(), now: now + Int64(i))
      device = try cookies().open(value.bytes, audience: Fixtures.audience(), now: now + Int64(i))
    }
    return device
  }

  @Test("a browser is known for those who have signed in from it, each with a bucket of their own")
  func users() throws {
    let desk = try #require(try device(["ann", "bob"]))
    #expect(desk.signedIn("ann") == now)
    #expect(desk.signedIn("bob") == now + 1)
    #expect(desk.signedIn("cy") == nil)
    #expect(desk.bucket(for: "cy") == nil)
    #expect(desk.bucket(for: "ann") != nil)
    #expect(desk.bucket(for: "ann") != desk.bucket(for: "bob"))
    #expect(try device(["ann"])?.bucket(for: "ann") != desk.bucket(for: "ann"))
  }

  @Test("the ninth account takes the place of the one that was away longest")
  func bounded() throws {
    let desk = try #require(try device((0..<9).map { "user\($0)" }))
    #expect(desk.users.count == 8)
    #expect(desk.signedIn("user0") == nil)
    #expect(desk.signedIn("user1") != nil)
    #expect(desk.signedIn("user8") != nil)
  }

  @Test("signing in again renews, and keeps the browser's identity")
  func renewal() throws {
    let once = try #require(try device(["ann"]))
    let value = try cookies().seal(adding: "ann", to: once, audience: Fixtures.audience(), now: now + 99)
    let again = try #require(try cookies().open(value.bytes, audience: Fixtures.audience(), now: now + 99))
    #expect(again.signedIn("ann") == now + 99)
    #expect(again.users.count == 1)
    #expect(again.bucket(for: "ann") == once.bucket(for: "ann"))
  }

  @Test("after a year an account is a stranger again")
  func year() throws {
    let value = try cookies().seal(adding: "ann", to: nil, audience: Fixtures.audience(), now: now).bytes
    let year = DeviceCookies.lifetime
    #expect(try cookies().open(value, audience: Fixtures.audience(), now: now + year - 1)?.bucket(for: "ann") != nil)
    #expect(try cookies().open(value, audience: Fixtures.audience(), now: now + year)?.bucket(for: "ann") == nil)
  }

  @Test("a cookie of another site, host or key, altered in any byte, or junk, is none; and it does not name the user")
  func refused() throws {
    let value = try cookies().seal(adding: "ann.clinician", to: nil, audience: Fixtures.audience(), now: now).bytes
    #expect(try cookies().open(value, audience: Fixtures.audience("other"), now: now) == nil)
    #expect(try cookies().open(value, audience: Fixtures.audience(host: "uk.example.test"), now: now) == nil)
    #expect(try cookies(2).open(value, audience: Fixtures.audience(), now: now) == nil)
    let wire = try #require(Base64URL.decode(value))
    #expect(!String(decoding: wire, as: UTF8.self).contains("ann"))
    for i in wire.indices {
      var changed = wire
      changed[i] ^= 0x80
      #expect(try cookies().open(Base64URL.encodeBytes(changed), audience: Fixtures.audience(), now: now) == nil)
    }
    for junk in [[], "x".bytes, [UInt8](repeating: 65, count: 8_192)] {
      #expect(try cookies().open(junk, audience: Fixtures.audience(), now: now) == nil)
    }
  }

  @Test("a full cookie stays within what is read back")
  func size() throws {
    let full = try device((0..<8).map { "user\($0)" })
    let value = try cookies().seal(adding: "user7", to: full, audience: Fixtures.audience(), now: now + 50)
    #expect(try cookies().open(value.bytes, audience: Fixtures.audience(), now: now + 50)?.users.count == 8)
  }
}
