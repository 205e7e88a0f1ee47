import Synchronization
import Testing

@testable import Gateway

@Suite struct CheckedSessionsTests {
  private static func key(_ byte: UInt8) -> CheckKey { CheckKey([byte]) }
  private let browser = key(200)
  private let other = key(201)

  private func checked(_ user: String = "ann") -> Checked { Checked(answer: CheckAnswer(verdict: .letIn(CheckedUser(user: user)))) }

  @Test("an answer is believed until its end, and not at it")
  func lifetime() {
    var answers = CheckedAnswers(limit: 10)
    answers.insert(checked(), Self.key(1), browser: browser, lifetime: 1000, now: 5000)
    #expect(answers.answer(Self.key(1), now: 5999) != nil && answers.answer(Self.key(1), now: 6000) == nil)
    #expect(answers.answer(Self.key(2), now: 5000) == nil)
  }

  @Test("the oldest goes when there are too many, and what has ended goes first")
  func bound() {
    var answers = CheckedAnswers(limit: 3)
    for byte in 0..<5 { answers.insert(checked(), Self.key(UInt8(byte)), browser: browser, lifetime: 1000, now: Int64(byte)) }
    #expect(answers.count == 3 && answers.answer(Self.key(1), now: 5) == nil && answers.answer(Self.key(2), now: 5) != nil)
    answers.insert(checked(), Self.key(9), browser: browser, lifetime: 1000, now: 2000)
    #expect(answers.count == 1)
    answers.limit = 1
    answers.insert(checked(), Self.key(8), browser: browser, lifetime: 1000, now: 2000)
    #expect(answers.count == 1 && answers.answer(Self.key(8), now: 2000) != nil)
  }

  @Test("one that has come again is not taken for its older self")
  func again() {
    var answers = CheckedAnswers(limit: 2)
    answers.insert(checked("ann"), Self.key(1), browser: browser, lifetime: 1000, now: 0)
    answers.insert(checked("bob"), Self.key(1), browser: browser, lifetime: 1000, now: 500)
    answers.insert(checked(), Self.key(2), browser: browser, lifetime: 1000, now: 1200)
    #expect(answers.answer(Self.key(1), now: 1200)?.answer.verdict == .letIn(CheckedUser(user: "bob")))
  }

  @Test("what is done with takes no room for long")
  func compaction() {
    var answers = CheckedAnswers(limit: 4)
    for round in 0..<5000 {
      answers.insert(checked(), CheckKey([UInt8(round & 255), UInt8(round >> 8)]), browser: browser, lifetime: 10, now: Int64(round))
    }
    #expect(answers.count == 4 && answers.room < 2100)
  }

  @Test("all answers about one browser end at once, and nobody else's")
  func end() throws {
    var answers = CheckedAnswers(limit: 10)
    let mine = checked()
    answers.insert(mine, Self.key(1), browser: browser, lifetime: 1000, now: 0)
    answers.insert(checked(), Self.key(2), browser: other, lifetime: 1000, now: 0)
    answers.end(browser)
    #expect(answers.answer(Self.key(1), now: 1) == nil && mine.session.isEnded)
    #expect(answers.answer(Self.key(2), now: 1)?.session.isEnded == false)
  }

  @Test("one that was ended by somebody else is not believed")
  func ended() {
    var answers = CheckedAnswers(limit: 10)
    let mine = checked()
    answers.insert(mine, Self.key(1), browser: browser, lifetime: 1000, now: 0)
    mine.session.end()
    #expect(answers.answer(Self.key(1), now: 1) == nil)
  }

  /// How often something was done, on whatever thread.
  private final class Counts: Sendable {
    let asked = Atomic<Int>(0)
    let kept = Atomic<Int>(0)
  }

  @Test("those that ask the same at the same time wait for one answer, and the next one asks anew")
  func coalescing() async {
    let sessions = CheckedSessions(limit: 10)
    let counts = Counts()
    let (gate, opener) = AsyncStream<Void>.makeStream()
    let answer: @Sendable () async -> CheckAnswer = {
      counts.asked.add(1, ordering: .relaxed)
      for await _ in gate {}
      return CheckAnswer(verdict: .letIn(CheckedUser()))
    }
    let waiting = (0..<20).map { _ in
      Task { await sessions.ask(Self.key(1), answer, keep: { _ in counts.kept.add(1, ordering: .relaxed) }) }
    }
    while sessions.waitingCount < 20 { await Task.yield() }
    opener.finish()
    for task in waiting { #expect(await task.value.answer.verdict == .letIn(CheckedUser())) }
    #expect(counts.asked.load(ordering: .relaxed) == 1 && counts.kept.load(ordering: .relaxed) == 1)
    let next = await sessions.ask(Self.key(1), { CheckAnswer(verdict: .failed(.checkFailed)) }, keep: { _ in })
    #expect(next.answer.verdict == .failed(.checkFailed) && sessions.waitingCount == 0)
  }
}
