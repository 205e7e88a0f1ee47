import Config
import Testing

@testable import Session

@Suite struct SessionRulesTests {
  /// 2 h idle, 12 h lifetime, sealed anew each minute.
  let rules = SessionRules(SessionSettings())
  let start: Int64 = 1_000_000

  @Test("a session is live until its idle limit, and a granularity longer, so that nobody is signed out early")
  func idle() {
    let content = SessionContent.sample()
    #expect(rules.granularity == 60)
    #expect(rules.status(of: content.times, now: start) == .live)
    #expect(rules.status(of: content.times, now: start + 7_200 + 59) == .live)
    #expect(rules.status(of: content.times, now: start + 7_200 + 60) == .expired(.idle))
  }

  @Test("somebody active every granularity minus a second, and then idle for just less than the limit, is signed in")
  func neverEarly() {
    var content = SessionContent.sample()
    var now = start
    for step in [59, 1, 58, 59, 60, 59] as [Int64] {
      now += step
      #expect(rules.status(of: content.times, now: now) == .live)
      if rules.needsRenewal(content.times, now: now) { content = rules.touched(content, now: now) }
    }
    #expect(rules.status(of: content.times, now: now + 7_200) == .live)
    #expect(rules.status(of: content.times, now: now + 7_200 + 60) == .expired(.idle))
  }

  @Test("the end is the earlier one of what inactivity and what age bring")
  func ends() {
    var content = SessionContent.sample()
    #expect(rules.idleEnd(of: content.times) == start + 7_260 && rules.lifetimeEnd(of: content.times) == start + 43_200)
    #expect(rules.end(of: content.times) == start + 7_260)
    content.lastActivity = start + 43_000
    #expect(rules.end(of: content.times) == start + 43_200)
  }

  @Test("how old a login may become does not depend on activity")
  func withinLifetime() {
    let content = SessionContent.sample()
    #expect(rules.isWithinLifetime(content.times, now: start + 43_199) && !rules.isWithinLifetime(content.times, now: start + 43_200))
  }

  @Test("activity does not move the absolute limit")
  func lifetime() {
    let last = start + 43_199
    let content = rules.touched(.sample(), now: last)
    #expect(rules.status(of: content.times, now: last) == .live)
    #expect(rules.status(of: content.times, now: last + 1) == .expired(.lifetime))
  }

  @Test("a longer lifetime in a new configuration does not revive a session whose revocation may be forgotten; a shorter one holds at once")
  func changedLifetime() {
    let content = rules.touched(.sample(), now: start + 43_000)
    let longer = SessionRules(SessionSettings(idle: .seconds(7_200), lifetime: .seconds(86_400)))
    #expect(longer.status(of: content.times, now: start + 43_199) == .live)
    #expect(longer.status(of: content.times, now: start + 43_200) == .expired(.lifetime))
    let shorter = SessionRules(SessionSettings(idle: .seconds(7_200), lifetime: .seconds(3_600)))
    #expect(shorter.status(of: SessionContent.sample().times, now: start + 3_600) == .expired(.lifetime))
  }

  @Test("a session from the future is not live, beyond what clocks differ")
  func future() {
    #expect(rules.status(of: SessionContent.sample().times, now: start - 60) == .live)
    #expect(rules.status(of: SessionContent.sample().times, now: start - 61) == .notYet)
    let ahead = SessionContent.sample(lastActivity: start + 61)
    #expect(rules.status(of: ahead.times, now: start) == .notYet)
  }

  @Test("times at the ends of their range end a session and nothing else")
  func extremes() {
    #expect(rules.status(of: SessionContent.sample(authenticatedAt: .min).times, now: start) == .expired(.lifetime))
    #expect(rules.status(of: SessionContent.sample(lastActivity: .min).times, now: start) == .expired(.idle))
    #expect(rules.status(of: SessionContent.sample(lastActivity: .max).times, now: start) == .notYet)
    #expect(rules.status(of: SessionContent.sample(notAfter: .min).times, now: start) == .expired(.lifetime))
  }

  @Test("the cookie is sealed anew when its activity is a granularity old, not before")
  func renewal() {
    #expect(!rules.needsRenewal(SessionContent.sample().times, now: start + 59))
    #expect(rules.needsRenewal(SessionContent.sample().times, now: start + 60))
    #expect(!rules.needsRenewal(SessionContent.sample().times, now: start - 30))
  }

  @Test(
    "the granularity is a tenth of the idle limit, from a second to a minute",
    arguments: [(1, 1), (5, 1), (10, 1), (100, 10), (600, 60), (86_400, 60)] as [(Int64, Int64)])
  func granularity(idle: Int64, expected: Int64) {
    #expect(SessionRules(SessionSettings(idle: .seconds(idle))).granularity == expected)
  }

  @Test("parts of a second are rounded up")
  func rounding() {
    let rules = SessionRules(SessionSettings(idle: .milliseconds(1_500), lifetime: .milliseconds(250)))
    #expect(rules.idle == 2)
    #expect(rules.lifetime == 1)
  }

  @Test("activity never goes back, and leaves all else")
  func touched() {
    var expected = SessionContent.sample()
    #expect(rules.touched(expected, now: start - 10) == expected)
    expected.lastActivity = start + 10
    #expect(rules.touched(.sample(), now: start + 10) == expected)
  }

  @Test("a session's end is the nearest of its limits, and it is live until then")
  func end() {
    let fresh = SessionContent.sample()
    #expect(rules.end(of: fresh.times) == start + 7_260)
    let late = rules.touched(fresh, now: start + 43_000)
    #expect(rules.end(of: late.times) == start + 43_200)
    for content in [fresh, late] {
      #expect(rules.status(of: content.times, now: rules.end(of: content.times) - 1) == .live)
      #expect(rules.status(of: content.times, now: rules.end(of: content.times)) != .live)
    }
    #expect(rules.notAfter(authenticatedAt: start) == start + 43_200)
  }
}
