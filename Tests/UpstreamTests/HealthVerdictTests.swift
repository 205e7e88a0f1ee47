import Testing

@testable import Upstream

@Suite struct HealthVerdictTests {
  private func states(_ checks: [Bool], fails: Int = 3, passes: Int = 2) -> [HealthVerdict.State?] {
    var verdict = HealthVerdict(fails: fails, passes: passes)
    return checks.map { verdict.note(passed: $0) }
  }

  @Test("before any check nothing is known")
  func unknown() { #expect(HealthVerdict(fails: 1, passes: 1).state == .unknown) }

  @Test("the first check that passes brings it up")
  func firstPass() {
    #expect(states([true, true]) == [.up, nil])
    #expect(states([false, false, true], passes: 5) == [nil, nil, .up])
  }

  @Test("so many failed ones in a row bring it down, from the start too")
  func down() {
    #expect(states([false, false, false, false]) == [nil, nil, .down, nil])
    #expect(states([true, false, false, false]) == [.up, nil, nil, .down])
  }

  @Test("a passed one between them starts the count anew")
  func interrupted() { #expect(states([true, false, false, true, false, false, true]) == [.up, nil, nil, nil, nil, nil, nil]) }

  @Test("so many passed ones in a row bring it up again, and a failed one between starts anew")
  func upAgain() {
    #expect(states([false, false, false, true, true]) == [nil, nil, .down, nil, .up])
    #expect(states([false, false, false, true, false, true, true]) == [nil, nil, .down, nil, nil, nil, .up])
  }
}
