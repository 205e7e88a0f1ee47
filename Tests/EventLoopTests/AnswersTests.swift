import Testing

@testable import EventLoop

@Suite struct AnswersTests {
  @Test("all answers are there once the last one is, each in its place")
  func all() throws {
    let answers = try Answers<String>(count: 3)
    let threads = try (0..<3).map { index in try Thread(name: "answer") { answers.put("\(index)", from: index) } }
    #expect(answers.wait(milliseconds: 10_000) == ["0", "1", "2"])
    for thread in threads { thread.join() }
  }

  @Test("who has not answered in time has no answer, and may still give one")
  func late() throws {
    let answers = try Answers<Int>(count: 2)
    answers.put(7, from: 1)
    #expect(answers.wait(milliseconds: 20) == [nil, 7])
    answers.put(8, from: 0)
    #expect(answers.wait(milliseconds: 20) == [8, 7])
  }
}
