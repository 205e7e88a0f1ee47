import Pages
import Session
import Synchronization
import Testing

@testable import Gateway

@Suite struct AppSessionsTests {
  private func ask(_ session: AppSession, now: Int64, _ outcome: AppProbeOutcome, meanwhile: @escaping @Sendable () -> Void = {}) async
    -> AppProbeOutcome
  {
    await session.ask(recheck: 60_000, clock: { now }, seconds: 5) {
      meanwhile()
      return outcome
    }
  }

  private func user(_ session: AppSession, _ now: Int64) -> String? {
    if case .signedIn(let known) = session.look(now) { known.user } else { nil }
  }

  @Test("what the app says is believed for a while")
  func believed() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    #expect(await ask(session, now: 1000, .signedIn(user: "ann")) == .signedIn(user: "ann"))
    #expect(user(session, 60_999) == "ann")
    guard case .unknown(isTrusted: true) = session.look(61_000) else {
      Issue.record("still believed")
      return
    }
  }

  @Test("whoever asks for what has just been answered gets that answer")
  func late() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    _ = await ask(session, now: 0, .signedIn(user: "ann"))
    #expect(await ask(session, now: 1, .notSignedIn("")) == .signedIn(user: "ann"))
  }

  @Test("that nobody is signed in is believed for a shorter while, ends what lasted, and says who it was")
  func absent() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    _ = await ask(session, now: 0, .signedIn(user: "ann"))
    guard case .signedIn(let known) = session.look(0) else {
      Issue.record("nobody")
      return
    }
    _ = await ask(session, now: 60_000, .notSignedIn(""))
    #expect(known.session.isEnded)
    guard case .notSignedIn(user: "ann") = session.look(60_000 + AppSession.absence - 1),
      case .unknown(isTrusted: false) = session.look(60_000 + AppSession.absence)
    else {
      Issue.record("not absent")
      return
    }
  }

  @Test("an app that says nothing changes nothing")
  func unknown() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    _ = await ask(session, now: 0, .signedIn(user: "ann"))
    _ = await ask(session, now: 70_000, .unknown(.checkFailed, ""))
    guard case .unknown(isTrusted: true) = session.look(70_000) else {
      Issue.record("forgotten, or believed")
      return
    }
  }

  @Test("an answer that was on its way when it became worthless is asked for anew")
  func dropped() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    let asked = Atomic<Int>(0)
    let outcome = await session.ask(recheck: 60_000, clock: { 0 }, seconds: 5) {
      if asked.add(1, ordering: .relaxed).newValue == 1 {
        session.drop()
        return .signedIn(user: "ann")
      }
      return .notSignedIn("")
    }
    #expect(outcome == .notSignedIn("") && asked.load(ordering: .relaxed) == 2)
    #expect(user(session, 0) == nil)
  }

  @Test("one that becomes worthless each time is no answer")
  func neverSettles() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    guard case .unknown = await ask(session, now: 0, .signedIn(user: "ann"), meanwhile: { session.drop() }) else {
      Issue.record("believed")
      return
    }
    #expect(user(session, 0) == nil)
  }

  @Test("somebody else on the same cookie ends what lasted of the one before")
  func another() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    _ = await ask(session, now: 0, .signedIn(user: "ann"))
    guard case .signedIn(let known) = session.look(0) else { return }
    _ = await ask(session, now: 60_000, .signedIn(user: "bob"))
    #expect(known.session.isEnded && user(session, 60_000) == "bob")
  }

  @Test("the first page after a login is told apart once")
  func lands() async {
    let session = AppSessions(limit: 10).session(of: [1], context: [])
    #expect(!session.land())
    _ = await ask(session, now: 0, .signedIn(user: "ann"))
    #expect(session.land() && !session.land())
    _ = await ask(session, now: 60_000, .signedIn(user: "ann"))
    #expect(!session.land())
  }

  @Test("a cookie at another host, or another cookie, is another session")
  func keys() {
    let sessions = AppSessions(limit: 10)
    let one = sessions.session(of: [1], context: [1])
    #expect(sessions.session(of: [1], context: [1]) === one)
    #expect(sessions.session(of: [1], context: [2]) !== one && sessions.session(of: [2], context: [1]) !== one)
    #expect(sessions.session(of: [1, 1], context: []) !== sessions.session(of: [1], context: [1]))
  }

  @Test("only so many are remembered, and the latest used stay")
  func bounded() {
    let sessions = AppSessions(limit: 100)
    let mine = sessions.session(of: [0, 0], context: [])
    for number in 0..<10_000 {
      _ = sessions.session(of: [UInt8(number >> 8), UInt8(number & 255), 1], context: [])
      if number % 20 == 0 { #expect(sessions.session(of: [0, 0], context: []) === mine) }
    }
    #expect(sessions.count <= 100)
  }
}
