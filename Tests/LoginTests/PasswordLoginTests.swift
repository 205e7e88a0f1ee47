import Config
import Crypto
import Testing

@testable import Login

struct PasswordLoginTests {
  let now = Fixtures.now
  let accounts: Accounts

  init() throws {
    accounts = Accounts([
      try Fixtures.account("Ann", email: "ann@clinic.test"),
      try Fixtures.account("bob", email: "bob@clinic.test"),
    ])
  }

  private func begin(
    _ login: inout PasswordLogin, _ user: String, _ password: String = Fixtures.password, with throttle: inout Throttle,
    devices: [Device] = [],
    after: Int64 = 0
  ) throws -> PasswordLogin.Action {
    login.begin(
      user: user.bytes, password: Secret(password.bytes), accounts: accounts, network: try Fixtures.network(), devices: devices,
      throttle: &throttle, now: now + after)
  }

  private func signIn(
    _ user: String, _ password: String = Fixtures.password, with throttle: inout Throttle, devices: [Device] = [], after: Int64 = 0
  ) throws -> PasswordLogin.Outcome {
    var login = PasswordLogin()
    switch try begin(&login, user, password, with: &throttle, devices: devices, after: after) {
    case .refuse(let refusal): return .refused(refusal)
    case .verify(let check): return login.verified(check.run(), throttle: &throttle)
    }
  }

  private func account(_ outcome: PasswordLogin.Outcome) -> String? {
    if case .signedIn(let signIn) = outcome { signIn.account.user } else { nil }
  }

  @Test(
    "the right password signs in, by user name in any spelling or by e-mail", arguments: ["Ann", "ann", "ANN ", "ａｎｎ", "Ann@Clinic.test"])
  func right(_ user: String) throws {
    var throttle = Fixtures.throttle()
    #expect(account(try signIn(user, with: &throttle)) == "Ann")
  }

  @Test(
    "a wrong password and an unknown user are one refusal",
    arguments: [
      ("ann", "wrong"), ("nobody", Fixtures.password), ("ann", ""), ("nobody", ""), ("ann\u{200B}", "x"), ("", Fixtures.password),
    ])
  func wrong(_ user: String, _ password: String) throws {
    var throttle = Fixtures.throttle()
    #expect(try signIn(user, password, with: &throttle) == .refused(.failed))
  }

  @Test("an unknown user costs the same check as a known one", arguments: ["nobody", "ann\u{200B}", ""])
  func sameWork(_ user: String) throws {
    var throttle = Fixtures.throttle()
    var login = PasswordLogin()
    guard case .verify(let check) = try begin(&login, user, with: &throttle) else {
      Issue.record("not checked")
      return
    }
    #expect(PasswordHashShape(check.hash)?.cost ?? String(check.hash.prefix(7)) == "$2b$04$")
    #expect(check.password.count == Fixtures.password.utf8.count)
    #expect(login.verified(true, throttle: &throttle) == .refused(.failed), "nobody is signed in whatever the check says")
  }

  @Test(
    "an empty password, and one with a NUL, take the same way and are never a login", arguments: ["", "\0", "correct horse battery\0x"])
  func empty(_ password: String) throws {
    var throttle = Fixtures.throttle()
    var login = PasswordLogin()
    guard case .verify(let check) = try begin(&login, "ann", password, with: &throttle) else {
      Issue.record("not checked")
      return
    }
    #expect(check.hash == Fixtures.bcrypt)
    #expect(check.password.count == 16)
    #expect(login.verified(true, throttle: &throttle) == .refused(.failed))
    #expect(throttle.accounts.buckets["ann"]?.failures.count == 1)
  }

  @Test("over-long names and passwords are refused unchecked")
  func long() throws {
    var throttle = Fixtures.throttle()
    #expect(try signIn("ann", String(repeating: "x", count: 1_025), with: &throttle) == .refused(.failed))
    #expect(try signIn(String(repeating: "x", count: 257), with: &throttle) == .refused(.failed))
    #expect(throttle.accounts.buckets.isEmpty)
    var login = PasswordLogin()
    guard case .verify = try begin(&login, "ann", String(repeating: "x", count: 1_024), with: &throttle) else {
      Issue.record("not checked")
      return
    }
  }

  @Test("all spellings and the e-mail of an account fill one bucket, and then the right password does not get through")
  func oneBucket() throws {
    var throttle = Fixtures.throttle()
    for user in ["ann", "Ann", "ANN ", "ａｎｎ".replacing("ａ", with: "ａ"), "ANN@clinic.test"] {
      #expect(try signIn(user, "wrong", with: &throttle) == .refused(.failed))
    }
    for user in ["ann", "Ann", "ann@clinic.test"] {
      #expect(try signIn(user, with: &throttle, after: 1) == .refused(.throttled(until: now + 900)))
    }
    #expect(account(try signIn("bob", with: &throttle, after: 1)) == "bob")
    #expect(account(try signIn("ann", with: &throttle, after: 900)) == "Ann")
  }

  @Test("unknown users are throttled as known ones are")
  func unknownThrottled() throws {
    var throttle = Fixtures.throttle()
    for user in ["Ghost", "ghost", "GHOST", "ghost ", "ｇhost"] { #expect(try signIn(user, "x", with: &throttle) == .refused(.failed)) }
    #expect(try signIn("ghost", "x", with: &throttle) == .refused(.throttled(until: now + 900)))
  }

  @Test("strangers' failures do not lock out a browser that the user is known from")
  func device() throws {
    let cookies = DeviceCookies(ring: try Fixtures.ring())
    let audience = try Fixtures.audience()
    let value = cookies.seal(adding: "ann", to: nil, audience: audience, now: now)
    let device = try #require(cookies.open(value.bytes, audience: audience, now: now))
    var throttle = Fixtures.throttle(address: 6)
    for _ in 0..<10 { _ = try signIn("ann", "wrong", with: &throttle) }
    #expect(try signIn("ann", with: &throttle) == .refused(.throttled(until: now + 900)))
    #expect(account(try signIn("ann@clinic.test", with: &throttle, devices: [device])) == "Ann")
    #expect(try signIn("bob", "wrong", with: &throttle, devices: [device]) == .refused(.failed))
    #expect(throttle.accounts.buckets["bob"]?.failures.count == 1, "for others the browser is a stranger's")
  }

  @Test("a browser gets a device cookie at its first login, and a new one after a month")
  func deviceCookie() throws {
    let cookies = DeviceCookies(ring: try Fixtures.ring())
    let audience = try Fixtures.audience()
    var throttle = Fixtures.throttle()
    guard case .signedIn(let first) = try signIn("ann", with: &throttle) else {
      Issue.record("refused")
      return
    }
    #expect(first.setsDeviceCookie)
    #expect(first.device == nil)
    #expect(first.method == .password)
    let value = cookies.seal(adding: first.account.key, to: first.device, audience: audience, now: now)
    let device = try #require(cookies.open(value.bytes, audience: audience, now: now))
    for (after, renews) in [(60, false), (DeviceCookies.renewalAge, true)] as [(Int64, Bool)] {
      guard case .signedIn(let next) = try signIn("ann", with: &throttle, devices: [device], after: after) else {
        Issue.record("refused")
        return
      }
      #expect(next.setsDeviceCookie == renews)
      #expect(next.device == device)
    }
  }

  @Test("a full queue is busy, not a failure")
  func busy() throws {
    var throttle = Fixtures.throttle()
    for _ in 0..<20 {
      var login = PasswordLogin()
      guard case .verify = try begin(&login, "ann", with: &throttle) else {
        Issue.record("throttled")
        return
      }
      #expect(login.overflowed(throttle: &throttle) == .refused(.busy))
      #expect(login.verified(true, throttle: &throttle) == .refused(.failed))
    }
  }

  @Test("of a hundred guesses in flight five are checked")
  func parallel() throws {
    var throttle = Fixtures.throttle()
    var checked = 0
    for _ in 0..<100 {
      var login = PasswordLogin()
      if case .verify = try begin(&login, "ann", "wrong", with: &throttle) { checked += 1 }
    }
    #expect(checked == 5)
  }

  @Test("the trail learns which account was tried, never what was typed in place of one")
  func tried() throws {
    var throttle = Fixtures.throttle(account: 1)
    for (typed, user) in [("ann@clinic.test", "Ann"), ("ANN", "Ann"), ("hunter2hunter2", nil)] as [(String, String?)] {
      var login = PasswordLogin()
      _ = try begin(&login, typed, "wrong", with: &throttle)
      #expect(login.triedUser == user)
    }
  }

  @Test("a login runs once")
  func once() throws {
    var throttle = Fixtures.throttle()
    var login = PasswordLogin()
    #expect(login.verified(true, throttle: &throttle) == .refused(.failed))
    guard case .verify(let check) = try begin(&login, "ann", with: &throttle) else {
      Issue.record("not checked")
      return
    }
    guard case .refuse(.failed) = try begin(&login, "bob", with: &throttle) else {
      Issue.record("began twice")
      return
    }
    #expect(account(login.verified(check.run(), throttle: &throttle)) == "Ann")
    #expect(login.verified(true, throttle: &throttle) == .refused(.failed))
  }
}
